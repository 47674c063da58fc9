import { percent } from '../../../scores/format.ts'
import type { ConfigurationData, PageData } from '../data.ts'
import { h } from './dom.ts'

/** The calibrated probability of the prediction for an image. */
export function sureness({ answers }: ConfigurationData, place: number): number {
  return answers[place]?.probabilities[0]?.[1] ?? 0
}

export function smallImage(data: PageData, place: number, line: string): HTMLElement {
  const image = data.images[place]
  const label = data.classes[image?.label ?? -1] ?? ''
  return h(
    'li',
    {},
    thumbnail(image?.thumbnail ?? '', `An image of the class ${label}`),
    h('div', {}, line),
    h('code', {}, image?.id ?? ''),
  )
}

export function wrongImage(data: PageData, configuration: ConfigurationData, place: number): HTMLElement {
  const image = data.images[place]
  const answer = configuration.answers[place]
  if (!image || !answer) return h('article')
  const [label = '', prediction = ''] = [image.label, answer.prediction].map((at) => data.classes[at])
  const { heat } = configuration
  const maps = heat.maps[place]
  const heatView = (name: string, map: string) =>
    view(`for ${name}`, thumbnail(image.thumbnail, ''), heatCanvas(name, bytesOf(map), heat))
  return h(
    'article',
    {},
    h('h3', { tabindex: -1 }, h('b', {}, label), ' predicted as ', h('b', {}, prediction)),
    h(
      'div',
      { class: 'views' },
      view('image', thumbnail(image.thumbnail, `An image of the class ${label}`)),
      ...(maps ? [heatView(prediction, maps.prediction), heatView(label, maps.label)] : []),
    ),
    probabilities(data.classes, answer, image.label),
    h('p', {}, h('code', {}, image.id), ` · ${image.part}`),
  )
}

function thumbnail(src: string, alt: string): HTMLElement {
  return h('img', { src, alt, decoding: 'async', width: 160, height: 160 })
}

function view(caption: string, ...layers: readonly Node[]): HTMLElement {
  return h('figure', {}, h('div', { class: 'layers' }, ...layers), h('figcaption', {}, caption))
}

type Answer = NonNullable<ConfigurationData['answers'][number]>

function probabilities(classes: readonly string[], answer: Answer, label: number): HTMLElement {
  const rows = answer.probabilities.map(([place, probability]) => {
    const kind = place === label ? 'label' : place === answer.prediction ? 'answer' : ''
    const name = classes[place] ?? ''
    return h(
      'div',
      { class: `probability ${kind}` },
      h('dt', { title: name }, name, ...(kind === 'label' ? [h('span', { class: 'hidden' }, ' (its label)')] : [])),
      h(
        'dd',
        {},
        h('progress', { value: probability, max: 1, 'aria-label': `Probability of ${name}` }),
        h('span', { class: 'number' }, percent(probability)),
      ),
    )
  })
  return h('dl', { class: 'probabilities' }, ...rows)
}

/** Colours from low to high, violet over red to yellow; opacity grows too. */
const STOPS: readonly (readonly [number, number, number])[] = [
  [76, 29, 149],
  [190, 24, 93],
  [239, 88, 40],
  [253, 224, 71],
]

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

type Size = Pick<ConfigurationData['heat'], 'height' | 'width'>

/** A heat map, `[height, width]`, as a small canvas that the style sheet stretches and smooths. */
function heatCanvas(name: string, values: Uint8Array, size: Size): HTMLCanvasElement {
  const words = `Heat map for ${name}, brightest: ${brightestPlace(values, size)}`
  const canvas = h('canvas', {
    width: size.width,
    height: size.height,
    role: 'img',
    'aria-label': words,
    class: 'heat',
  })
  const context = canvas.getContext('2d')
  if (!context || values.length === 0) return canvas
  const pixels = context.createImageData(size.width, size.height)
  pixels.data.set(heatPixels(values))
  context.putImageData(pixels, 0, 0)
  return canvas
}

/** Red, green, blue and opacity of each value, uint8. */
export function heatPixels(values: Uint8Array): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(values.length * 4)
  values.forEach((value, place) => {
    const at = (value / 255) * (STOPS.length - 1)
    const [low, high] = [STOPS[Math.floor(at)] ?? [0, 0, 0], STOPS[Math.ceil(at)] ?? [0, 0, 0]]
    for (const channel of [0, 1, 2] as const) {
      pixels[place * 4 + channel] = low[channel] + (high[channel] - low[channel]) * (at % 1)
    }
    pixels[place * 4 + 3] = 205 * Math.sqrt(value / 255)
  })
  return pixels
}

/** What the colours of a heat map mean. */
export function heatLegend(): HTMLElement {
  const ramp = heatCanvas(
    '',
    Uint8Array.from({ length: 256 }, (_, value) => value),
    { height: 1, width: 256 },
  )
  for (const name of ['role', 'aria-label']) ramp.removeAttribute(name)
  ramp.className = 'ramp'
  return h('p', { class: 'legend' }, 'Heat map, evidence for the class: none ', ramp, ' most')
}

/** Where a heat map is brightest, for readers who cannot see it: `top left`, `centre`. */
export function brightestPlace(values: Uint8Array, { height, width }: Size): string {
  const greatest = Math.max(0, ...values)
  if (greatest === 0) return 'nowhere'
  const place = values.indexOf(greatest)
  const third = (at: number, size: number): number => Math.min(2, Math.floor((3 * (at + 0.5)) / size))
  const down = ['top', '', 'bottom'][third(Math.floor(place / width), height)] ?? ''
  const right = ['left', '', 'right'][third(place % width, width)] ?? ''
  return `${down} ${right}`.trim() || 'centre'
}
