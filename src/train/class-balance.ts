import { compareNames } from '../core/names.ts'
import type { Mode } from '../network/params.ts'
import type { TrainingData } from './data.ts'
import type { TrainParams } from './params.ts'

/** The number of examples of each class, in the order of the classes. */
export function countLabels(labels: ArrayLike<number>, classCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0)
  for (const label of Array.from(labels)) counts[label] = (counts[label] ?? 0) + 1
  return counts
}

/** Images of each class in the training part, variants not counted. */
export function countByClass({ classes, training }: TrainingData): Map<string, number> {
  const counts = countLabels(training.labels.subarray(0, training.count), classes.length)
  return new Map(classes.map((name, place) => [name, counts[place] ?? 0]))
}

/**
 * The weight of an example of each class; null: all count the same.
 *
 * `balanced` is n / (k · n_c), so that each class counts the same in total and the mean weight is 1.
 * Source: sklearn.utils.class_weight.compute_class_weight.
 *
 * @param labels the class of each training image, as indices into the list of classes; every class occurs
 */
export function classWeightsOf(
  kind: TrainParams['classWeights'],
  labels: ArrayLike<number>,
  classCount: number,
): number[] | null {
  if (kind === 'none') return null
  return countLabels(labels, classCount).map((count) => labels.length / (classCount * count))
}

/** Images of each class that a mode needs, as the study found, and its name in a sentence; other modes need none. */
const NEEDED: Readonly<Record<string, { readonly images: number; readonly training: string } | undefined>> = {
  zero: { images: 5000, training: 'training from zero' },
  'fine-tune': { images: 1000, training: 'fine-tuning' },
} satisfies Partial<Record<Mode, object>>

/** Classes that a line names; the others are counted. */
const NAMED_CLASSES = 5

/**
 * The classes with fewer images than the mode needs, the smallest first: `fewer than the 1,000 images a class that
 * fine-tuning needs: cat 240, dog 400`. Undefined if there are none.
 *
 * @param images training images of each class, variants not counted
 */
export function describeShortage(mode: string, images: ReadonlyMap<string, number>): string | undefined {
  const needed = NEEDED[mode]
  const short = bySize(images).filter(([, count]) => needed && count < needed.images)
  if (!needed || short.length === 0) return undefined
  const named = short.slice(0, NAMED_CLASSES).map(describeClass)
  const others = short.length - named.length
  const list = [...named, ...(others > 0 ? [`and ${others} more`] : [])].join(', ')
  return `fewer than the ${whole(needed.images)} images a class that ${needed.training} needs: ${list}`
}

/** Classes are uneven when the largest has this many times the images of the smallest. */
const UNEVEN = 1.5

/**
 * What is done about classes with unequal numbers of images: `each class equally often in a batch (train.sampling), of cat
 * 1,334 to dog 3,890 images`. Undefined if nothing is done and nothing needs to be.
 *
 * @param images training images of each class, variants not counted
 */
export function describeImbalance(
  { classWeights, sampling }: Pick<TrainParams, 'classWeights' | 'sampling'>,
  images: ReadonlyMap<string, number>,
): string | undefined {
  const [smallest, ...others] = bySize(images)
  const largest = others.at(-1)
  if (!smallest || !largest) return undefined
  const range = `of ${describeClass(smallest)} to ${describeClass(largest)} images`
  if (sampling === 'balanced') return `each class equally often in a batch (train.sampling), ${range}`
  if (classWeights === 'balanced') return `each class of equal weight in the loss (train.classWeights), ${range}`
  if (largest[1] === smallest[1] || largest[1] < UNEVEN * smallest[1]) return undefined
  return `classes are uneven and nothing corrects for it (no train.sampling, no train.classWeights), ${range}`
}

function bySize(images: ReadonlyMap<string, number>): [string, number][] {
  return [...images].sort(([a, fewer], [b, more]) => fewer - more || compareNames(a, b))
}

function describeClass([name, count]: readonly [string, number]): string {
  return `${name} ${whole(count)}`
}

function whole(count: number): string {
  return count.toLocaleString('en-US')
}
