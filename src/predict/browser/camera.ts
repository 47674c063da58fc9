import { element } from './show.ts'

/** Takes a photograph, as PNG; without a camera the button stays hidden. */
export function openCamera(onImage: (image: Blob) => void, onProblem: (problem: string) => void): void {
  const button = element<HTMLButtonElement>('camera')
  const video = element<HTMLVideoElement>('video')
  const viewfinder = element('viewfinder')
  if (!navigator.mediaDevices?.getUserMedia) return
  button.hidden = false
  const close = () => {
    for (const track of (video.srcObject as MediaStream | null)?.getTracks() ?? []) track.stop()
    video.srcObject = null
    viewfinder.hidden = true
    button.focus()
  }
  button.addEventListener('click', async () => {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return onProblem(`Expected a camera, received: ${reason}. Allow it in the browser, or choose an image.`)
    }
    viewfinder.hidden = false
    await video.play()
    element('shoot').focus()
  })
  element('close').addEventListener('click', close)
  element('shoot').addEventListener('click', () => {
    const canvas = document.createElement('canvas')
    canvas.width = video.videoWidth
    canvas.height = video.videoHeight
    canvas.getContext('2d')?.drawImage(video, 0, 0)
    canvas.toBlob((image) => image && onImage(image), 'image/png')
    close()
  })
}
