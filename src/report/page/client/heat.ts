import { h } from './dom.ts'

/** From what says little to what says most: opacity grows, and the colour goes from violet over red to yellow. */
const STOPS: readonly (readonly [number, number, number])[] = [
  [76, 29, 149],
  [190, 24, 93],
  [239, 88, 40],
  [253, 224, 71],
]

/** A heat map `[height, width]` of bytes in base64, as a small canvas that the style sheet stretches and smooths. */
export function heatCanvas(
  encoded: string,
  { height, width }: { height: number; width: number },
  words: string,
): HTMLCanvasElement {
  const canvas = h('canvas', { width, height, role: 'img', 'aria-label': words, class: 'heat' })
  const context = canvas.getContext('2d')
  if (!context || width === 0) return canvas
  const pixels = context.createImageData(width, height)
  pixels.data.set(heatPixels(Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))))
  context.putImageData(pixels, 0, 0)
  return canvas
}

/** Red, green, blue and opacity of each value. */
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

/** In words where a heat map is brightest: `top left`, `centre`; for who cannot see it. */
export function brightestPlace(encoded: string, { height, width }: { height: number; width: number }): string {
  const values = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))
  const greatest = Math.max(0, ...values)
  if (greatest === 0) return 'nowhere'
  const place = values.indexOf(greatest)
  const third = (at: number, size: number): number => Math.min(2, Math.floor((3 * (at + 0.5)) / size))
  const down = ['top', '', 'bottom'][third(Math.floor(place / width), height)] ?? ''
  const right = ['left', '', 'right'][third(place % width, width)] ?? ''
  return `${down} ${right}`.trim() || 'centre'
}
