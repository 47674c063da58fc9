import type { TrainParams } from './params.ts'

/** A commonest class with so many times the images of the rarest makes the classes uneven. */
const UNEVEN = 1.5

/**
 * What is done about classes with unequal numbers of images: `each class equally often in a batch (train.sampling), of cat
 * 1,334 to dog 3,890 images`. Undefined when nothing is done and nothing need be.
 *
 * @param images training images of each class, variants not counted
 */
export function describeImbalance(
  { classWeights, sampling }: Pick<TrainParams, 'classWeights' | 'sampling'>,
  images: Readonly<Record<string, number>>,
): string | undefined {
  const [rarest, ...others] = Object.entries(images).sort(([a, fewer], [b, more]) => fewer - more || (a < b ? -1 : 1))
  const commonest = others.at(-1)
  if (!rarest || !commonest) return undefined
  const shown = ([name, count]: readonly [string, number]) => `${name} ${count.toLocaleString('en-US')}`
  const range = `of ${shown(rarest)} to ${shown(commonest)} images`
  if (sampling === 'balanced') return `each class equally often in a batch (train.sampling), ${range}`
  if (classWeights === 'balanced') return `each class of equal weight in the loss (train.classWeights), ${range}`
  if (commonest[1] === rarest[1] || commonest[1] < UNEVEN * rarest[1]) return undefined
  return `classes as uneven as they are (no train.sampling, no train.classWeights), ${range}`
}
