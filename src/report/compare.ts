import type { Answer } from '../scores/predictions.ts'
import { mcnemar } from './mcnemar.ts'

/** Two models on the same images. */
export interface Comparison {
  /** Images that both were asked about and whose label is the same in both. */
  readonly images: number
  /** Ids of images that the first got wrong and the second gets right, by code unit. */
  readonly fixed: readonly string[]
  /** Ids of images that the first got right and the second gets wrong. */
  readonly broken: readonly string[]
  /** Ids of images that got another label in between; they are left out. */
  readonly relabelled: readonly string[]
  /** The exact p-value of McNemar's test, two-sided. */
  readonly p: number
}

/**
 * Compares two models image by image.
 *
 * Answers are of images that a model was not trained on, so those that both have are ones that neither was. An image is known
 * by its id: one whose file was replaced under the same name counts as the same.
 */
export function compareAnswers(first: readonly Answer[], second: readonly Answer[]): Comparison {
  const before = new Map(first.map((answer) => [answer.id, answer]))
  const pairs = second.flatMap((after) => {
    const earlier = before.get(after.id)
    return earlier ? [{ id: after.id, before: earlier, after }] : []
  })
  const same = pairs.filter((pair) => pair.before.label === pair.after.label)
  const ids = (chosen: typeof pairs): string[] => chosen.map(({ id }) => id).sort()
  const fixed = ids(same.filter((pair) => !isRight(pair.before) && isRight(pair.after)))
  const broken = ids(same.filter((pair) => isRight(pair.before) && !isRight(pair.after)))
  const relabelled = ids(pairs.filter((pair) => pair.before.label !== pair.after.label))
  return { images: same.length, fixed, broken, relabelled, p: mcnemar(fixed.length, broken.length) }
}

function isRight({ label, prediction }: Answer): boolean {
  return label === prediction
}
