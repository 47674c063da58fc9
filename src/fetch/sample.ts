import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openProgress } from '../core/progress.ts'
import { seededRng } from '../core/random.ts'
import type { FetchParams } from './params.ts'
import { encodePng } from './sample/png.ts'
import { drawScene, type SampleSet } from './sample/scene.ts'
import { CAT, DOG, HORSE } from './sample/species.ts'

/** How much is drawn: images a class for training and for the test, and their side in pixels. */
export type SampleParams = Omit<Extract<FetchParams, { source: 'sample' }>, 'source' | 'maxRejected' | 'nearDuplicates'>

const SPECIES = { cat: CAT, dog: DOG, horse: HORSE }
export const SAMPLE_LABELS = ['cat', 'dog', 'horse'] as const satisfies readonly (keyof typeof SPECIES)[]

/**
 * Draws the built-in sample: `<folder>/train/<label>/NNNN.png` and, harder, `<folder>/test/<label>/NNNN.png`.
 *
 * Cats, dogs and horses, the same bytes on every machine. An image depends on the seed, its set, label and number alone, so
 * more images leave the first ones as they are.
 *
 * @param command the command or stage whose progress is shown
 * @returns the folder
 */
export async function drawSample(
  folder: string,
  { imagesPerClass, testImagesPerClass, size }: SampleParams,
  seed: number,
  command = 'fetch',
): Promise<string> {
  const counts = { train: imagesPerClass, test: testImagesPerClass }
  using progress = openProgress(
    `${command}: images drawn`,
    SAMPLE_LABELS.length * (imagesPerClass + testImagesPerClass),
  )
  let done = 0
  for (const set of ['train', 'test'] as const) {
    for (const label of SAMPLE_LABELS) {
      await mkdir(join(folder, set, label), { recursive: true })
      for (let number = 1; number <= counts[set]; number++) {
        const pixels = samplePixels({ set, label, number, size }, seed)
        await writeFile(join(folder, set, label, `${String(number).padStart(4, '0')}.png`), encodePng(pixels, size))
        progress.update(++done)
      }
    }
  }
  return folder
}

/** One image of the sample, `[S, S, 3]` uint8. Numbers count from 1. */
export function samplePixels(
  { set, label, number, size }: { set: SampleSet; label: keyof typeof SPECIES; number: number; size: number },
  seed: number,
): Uint8Array {
  return drawScene(SPECIES[label], set, size, seededRng(seed, 'sample', set, label, number))
}
