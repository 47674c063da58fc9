/** The demo page: classifies images with the chosen model. Bundled by src/report/demo.ts. */

import { messageOf } from '../../core/errors.ts'
import { enumerated, percent, pluralize, unbroken } from '../../scores/format.ts'
import { openCamera } from './camera.ts'
import { openClassifier } from './classifier.ts'
import type { Description } from './description.ts'
import { ImageError, readPixels } from './pixels.ts'
import { describeReading, element, showReading } from './show.ts'

const status = element('status')
const problem = element('problem')
const answers = element('answers')

/** An image that was chosen, dropped, pasted or photographed. */
interface Given {
  readonly file: Blob
  readonly name: string
}

const model = openModel()
/** Images that are not classified yet. */
let waiting = 0
/** Whether an answer was picked from the list: it stays while the rest is classified. */
let isPicked = false
/** Ends when all images so far are classified, one after the other. */
let turn: Promise<void> = model.then(() => {
  status.textContent = waiting > 0 ? '' : 'Ready.'
})

listen()
turn.catch((error: unknown) => {
  status.textContent = ''
  problem.textContent = `Expected the model, received: ${messageOf(error)}. Reload the page, or run npm run repro again.`
})

async function openModel() {
  const description = (await (await fetch('demo.json')).json()) as Description
  describe(description)
  const references = description.novelty ? await (await fetch('references.bin')).arrayBuffer() : new ArrayBuffer(0)
  const classifier = await openClassifier('model/model.json', description, new Int8Array(references))
  const device = classifier.backend === 'webgl' ? 'the graphics card' : 'the processor'
  element('details').textContent += ` Runs on ${device}.`
  return { description, classifier }
}

/** Classifies images in turn, as soon as there is a model; several are enumerated, each with its answer. */
function take(images: readonly Given[]): void {
  problem.textContent = ''
  element('file-name').textContent = ''
  isPicked = false
  if (waiting === 0) answers.replaceChildren()
  for (const image of images) {
    const item = document.createElement('li')
    item.textContent = `${image.name} …`
    answers.append(item)
    turn = turn.then(() => classify(image, item)).finally(() => waiting--)
    turn.catch(() => {}) // without a model, which is said once
  }
  answers.hidden = answers.children.length < 2
  waiting += images.length
  if (status.textContent?.startsWith('Loading')) {
    status.textContent = `Loading the model … Then it classifies ${pluralize(waiting, 'image')}.`
  }
}

async function classify({ file, name }: Given, item: HTMLElement): Promise<void> {
  const { description, classifier } = await model
  status.className = ''
  status.textContent = `Classifying ${name} …`
  try {
    await painted()
    const image = await readPixels(file, description.image)
    const reading = await classifier.classify(image)
    const { answer } = describeReading(description, reading)
    const show = () => {
      problem.textContent = ''
      showReading(description, { name, image, reading })
      for (const button of answers.querySelectorAll('button')) button.ariaCurrent = String(button.parentNode === item)
      for (const shown of [item, element('result')]) shown.scrollIntoView({ block: 'nearest' })
    }
    const pick = () => {
      isPicked = true
      show()
    }
    item.replaceChildren(buttonOf(`${name}: ${answer}`, pick))
    if (!isPicked) show()
    status.textContent = `${name}: ${answer}.` // for screen readers; the page shows it below
    status.className = 'hidden'
  } catch (error) {
    if (!isPicked) element('result').hidden = true
    item.textContent = `${name}: ${error instanceof ImageError ? error.message : `unexpected error: ${messageOf(error)}`}`
    const isListed = !answers.hidden
    problem.textContent = isListed ? '' : item.textContent
    status.textContent = isListed ? item.textContent : '' // for screen readers; the list shows it
    status.className = 'hidden'
  }
}

function buttonOf(text: string, onClick: () => void): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'answer'
  button.textContent = text
  button.addEventListener('click', onClick)
  return button
}

function describe({ title, config, classes, sure, novelty }: Description): void {
  document.title = `${title}: try the model`
  element('title').textContent = title
  const isRefusing = typeof novelty?.limit === 'number'
  const others = isRefusing
    ? 'answers “none of these” for an image unlike its training images. It may miss such an image'
    : 'assigns any image to one of them'
  element('about').textContent =
    `The model distinguishes ${enumerated(classes)}, and ${others}. Its answers and probabilities only hold for images like its training images.`
  const answersOf =
    sure.from === null
      ? 'None of its answers counts as sure'
      : `Its answers count as sure from ${percent(sure.from)} on`
  element('details').textContent = unbroken(`Model ${config}. ${answersOf}.`)
}

/** Takes images that are chosen, dropped, pasted or photographed. */
function listen(): void {
  const input = element<HTMLInputElement>('file')
  const takeFiles = (files: FileList | undefined | null) =>
    take([...(files ?? [])].map((file) => ({ file, name: file.name })))
  input.addEventListener('change', () => {
    takeFiles(input.files)
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
    takeFiles(event.dataTransfer?.files)
  })
  document.addEventListener('paste', (event) => takeFiles(event.clipboardData?.files))
  element('show-heat').addEventListener('change', (event) => {
    element('heat').hidden = !(event.target as HTMLInputElement).checked
  })
  openCamera(
    (file) => take([{ file, name: 'the camera’s image' }]),
    (words) => {
      problem.textContent = words
    },
  )
}

/** Waits until the next frame is painted. */
function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
}
