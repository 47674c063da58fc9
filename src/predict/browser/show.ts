import { percent, unbroken } from '../../scores/format.ts'
import type { Reading } from './classifier.ts'
import { type Description, describeRefusal, describeWorth } from './description.ts'
import type { Heat } from './heat-map.ts'
import type { Image } from './resize.ts'

/** At most this many probabilities are shown; the other classes are counted. */
const SHOWN = 10

/** The element with this id. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no element ${id}`)
  return found as T
}

/** The answer in a few words, whether the model is sure of it, and why. */
export function describeReading(description: Description, { best, probabilities, familiarity }: Reading) {
  const { classes, novelty } = description
  if (familiarity?.refused) {
    const words = describeRefusal(familiarity, novelty?.limit ?? Number.NaN)
    return { answer: 'None of these', sure: false, words: unbroken(words) }
  }
  const probability = probabilities[best] ?? Number.NaN
  const { sure, words } = describeWorth(description, probability)
  const answer = `${sure ? '' : 'Unsure, perhaps '}${classes[best] ?? ''}: ${percent(probability)}`
  return { answer: unbroken(answer), sure, words: unbroken(words) }
}

/** Shows an image and its prediction; names are inserted as text, never as markup. */
export function showReading(
  description: Description,
  { name, image, reading }: { name: string; image: Image; reading: Reading },
): void {
  const { classes } = description
  const { probabilities, heat } = reading
  const { answer, sure, words } = describeReading(description, reading)
  element('file-name').textContent = name
  element('answer').textContent = answer
  element('worth').textContent = words
  element('result').className = sure ? 'sure' : 'unsure'
  const ranked = classes.map((each, place) => ({ name: each, value: probabilities[place] ?? Number.NaN }))
  ranked.sort((a, b) => b.value - a.value)
  element('probabilities').replaceChildren(...ranked.slice(0, SHOWN).map(rowOf))
  element('others').textContent = ranked.length > SHOWN ? `and ${ranked.length - SHOWN} others` : ''
  drawImage(element<HTMLCanvasElement>('image'), image)
  const map = element<HTMLCanvasElement>('heat')
  map.closest('figure')?.classList.toggle('no-heat', !heat)
  if (heat) drawHeat(map, heat, image.width)
  else map.width = 0
  element('seen').textContent = `As the model sees it: ${image.width} × ${image.height} pixels.`
  element('result').hidden = false
}

function rowOf({ name, value }: { name: string; value: number }): HTMLTableRowElement {
  const make = <K extends keyof HTMLElementTagNameMap>(tag: K, given: object) =>
    Object.assign(document.createElement(tag), given)
  const head = make('th', { scope: 'row', textContent: name })
  const number = make('td', { className: 'number' })
  number.append(make('data', { value: String(value), textContent: percent(value) }))
  const bar = make('span', { className: 'bar' })
  bar.style.width = `${(100 * value).toFixed(1)}%`
  const cell = make('td', { ariaHidden: 'true' })
  cell.append(bar)
  const row = make('tr', {})
  row.append(head, cell, number)
  return row
}

function drawImage(canvas: HTMLCanvasElement, { width, height, pixels }: Image): void {
  canvas.width = width
  canvas.height = height
  const image = new ImageData(width, height)
  for (let i = 0; i < width * height; i++) {
    image.data.set(pixels.subarray(i * 3, i * 3 + 3), i * 4)
    image.data[i * 4 + 3] = 255
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0)
}

/** Warm colours where the image supports the prediction, transparent elsewhere. */
function drawHeat(canvas: HTMLCanvasElement, { width, height, values }: Heat, size: number): void {
  const small = document.createElement('canvas')
  small.width = width
  small.height = height
  const image = new ImageData(width, height)
  values.forEach((value, i) => {
    image.data.set([255, Math.round(230 * value ** 2), 0, Math.round(190 * value)], i * 4)
  })
  small.getContext('2d')?.putImageData(image, 0, 0)
  canvas.width = size
  canvas.height = size
  const context = canvas.getContext('2d')
  if (!context) return
  context.imageSmoothingEnabled = true
  context.imageSmoothingQuality = 'high'
  context.drawImage(small, 0, 0, size, size)
}
