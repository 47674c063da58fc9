import { type Rng, uniform } from '../../core/random.ts'
import type { Canvas } from './canvas.ts'
import { clamp } from './geometry.ts'

/** How an image is taken. */
export interface Exposure {
  /** Brightness of the whole image; 1 leaves it. */
  readonly brightness: number
  /** How much one side is darker than the other. */
  readonly falloff: number
  /** Every pixel becomes this share of its four neighbours' mean. */
  readonly blur: number
  /** The greatest change of a pixel by noise. */
  readonly noise: number
}

/** The image as bytes `[S, S, 3]`: exposed, blurred, with noise. */
export function exposed(canvas: Canvas, exposure: Exposure, rng: Rng): Uint8Array {
  const { size } = canvas
  const pixels = blurred(canvas, exposure.blur)
  const warmth = uniform(rng, -0.06, 0.06)
  const gains = [exposure.brightness * (1 + warmth), exposure.brightness, exposure.brightness * (1 - warmth)]
  const falloffX = uniform(rng, -exposure.falloff, exposure.falloff)
  const bytes = new Uint8Array(size * size * 3)
  for (let y = 0, at = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const light = 1 + falloffX * (x / size - 0.5)
      const grain = exposure.noise * (rng() + rng() - 1)
      for (let channel = 0; channel < 3; channel++, at++) {
        const value = (pixels[at] as number) * (gains[channel] as number) * light + grain
        bytes[at] = Math.floor(clamp(value, 0, 1) * 255 + 0.5)
      }
    }
  }
  return bytes
}

function blurred({ pixels, size }: Canvas, share: number): Float32Array {
  const result = new Float32Array(pixels.length)
  const row = size * 3
  for (let y = 0, at = 0; y < size; y++) {
    const up = y > 0 ? -row : 0
    const down = y < size - 1 ? row : 0
    for (let x = 0; x < row; x++, at++) {
      const left = x >= 3 ? -3 : 0
      const right = x < row - 3 ? 3 : 0
      const around =
        (pixels[at + up] as number) +
        (pixels[at + down] as number) +
        (pixels[at + left] as number) +
        (pixels[at + right] as number)
      result[at] = (pixels[at] as number) * (1 - share) + (around / 4) * share
    }
  }
  return result
}
