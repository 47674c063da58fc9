/** The demo page: classifies an image with the chosen model. Bundled by src/report/demo.ts. */

import { messageOf } from '../../core/errors.ts'
import { percent } from '../../scores/format.ts'
import { openCamera } from './camera.ts'
import { openClassifier } from './classifier.ts'
import type { Description } from './description.ts'
import { ImageError, readPixels } from './pixels.ts'
import { element, showReading } from './show.ts'

const status = element('status')
const problem = element('problem')
const input = element<HTMLInputElement>('file')

void start().catch((error: unknown) => {
  status.textContent = ''
  problem.textContent = `Expected the model, received: ${messageOf(error)}. Reload the page, or run npm run repro again.`
})

async function start(): Promise<void> {
  const description = (await (await fetch('demo.json')).json()) as Description
  describe(description)
  const { image, temperature } = description
  const classifier = await openClassifier('model/model.json', image.size, temperature)
  element('details').textContent +=
    ` Runs on ${classifier.backend === 'webgl' ? 'the graphics card' : 'the processor'}.`

  let busy = false
  const classify = async (file: Blob, name: string): Promise<void> => {
    if (busy) return
    busy = true
    problem.textContent = ''
    status.className = ''
    element('file-name').textContent = ''
    status.textContent = `Classifying ${name} …`
    try {
      await painted()
      const pixels = await readPixels(file, image)
      const reading = await classifier.classify(pixels)
      showReading(description, { name, image: pixels, reading })
      status.textContent = `${element('answer').textContent}.` // for screen readers; the page shows it below
      status.className = 'hidden'
      element('result').scrollIntoView({ block: 'nearest' })
    } catch (error) {
      element('result').hidden = true
      status.textContent = ''
      problem.textContent = `${name}: ${error instanceof ImageError ? error.message : `unexpected error: ${messageOf(error)}`}`
    } finally {
      busy = false
    }
  }
  listen(classify)
  openCamera(
    (image) => void classify(image, 'the camera’s image'),
    (words) => {
      problem.textContent = words
    },
  )
  input.disabled = false
  element<HTMLButtonElement>('camera').disabled = false
  status.textContent = 'Ready.'
}

function describe({ title, config, classes, sure }: Description): void {
  document.title = `${title}: try the model`
  element('title').textContent = title
  element('about').textContent = `The model distinguishes ${classes.join(', ')}, and assigns any image to one of them.`
  const from = sure.from === null ? 'never' : `from ${percent(sure.from)} on`
  element('details').textContent = `Model ${config}. It counts as sure ${from}.`
}

/** Takes images that are chosen, dropped or pasted. */
function listen(classify: (file: Blob, name: string) => Promise<void>): void {
  const take = (files: FileList | undefined | null) => {
    const file = files?.[0]
    if (file) void classify(file, file.name)
  }
  input.addEventListener('change', () => {
    take(input.files)
    input.value = '' // so that the same file can be chosen again
  })
  const drop = element('drop')
  const over = (event: DragEvent, isOver: boolean) => {
    event.preventDefault()
    drop.classList.toggle('over', isOver)
  }
  document.addEventListener('dragover', (event) => over(event, true))
  document.addEventListener('dragleave', (event) => over(event, false))
  document.addEventListener('drop', (event) => {
    over(event, false)
    take(event.dataTransfer?.files)
  })
  document.addEventListener('paste', (event) => take(event.clipboardData?.files))
  element('show-heat').addEventListener('change', (event) => {
    element('heat').hidden = !(event.target as HTMLInputElement).checked
  })
}

/** Waits until the next frame is painted. */
function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
}
