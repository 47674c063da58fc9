import { SAMPLE_LABELS, samplePixels } from '../../src/fetch/sample.ts'

/** Images of one size: uint8 `[count, side, side, 3]` in one array. */
export interface ComparedImages {
  readonly count: number
  readonly values: Uint8Array
}

const COUNT = 10
const SEED = 1

/** Ten images of the built-in sample: a cat, a dog, a horse, a cat, … */
export function drawCompared(side: number): ComparedImages {
  const images = Array.from({ length: COUNT }, (_, place) => {
    const label = SAMPLE_LABELS[place % SAMPLE_LABELS.length] ?? 'cat'
    const number = 1 + Math.floor(place / SAMPLE_LABELS.length)
    return samplePixels({ set: 'test', label, number, size: side }, SEED)
  })
  return { count: COUNT, values: Buffer.concat(images) }
}
