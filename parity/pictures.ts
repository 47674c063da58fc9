import { seededRng } from '../src/core/random.ts'
import { SAMPLE_LABELS } from '../src/dataset/sample/picture.ts'
import { samplePixels } from '../src/dataset/sample.ts'

/** Pictures of one size: uint8 `[count, side, side, 3]` in one array. */
export interface ComparedPictures {
  readonly count: number
  readonly values: Uint8Array
}

const PICTURES_A_LABEL = 3

/** Ten pictures: three of each label of the built-in sample, and noise. */
export function drawCompared(side: number): ComparedPictures {
  const drawn = Array.from({ length: PICTURES_A_LABEL }, (_, place) =>
    SAMPLE_LABELS.map((label) => samplePixels({ set: 'test', label, number: place + 1, size: side }, 1)),
  ).flat()
  const rng = seededRng(1, 'parity')
  const noise = Uint8Array.from({ length: side * side * 3 }, () => Math.floor(256 * rng()))
  return { count: drawn.length + 1, values: Buffer.concat([...drawn, noise]) }
}
