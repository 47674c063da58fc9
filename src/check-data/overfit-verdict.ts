import { isLearned, type Overfitted } from './overfit.ts'

/** Whether a batch was learned by heart, and a sentence or two about it. */
export interface OverfitVerdict {
  readonly learns: boolean
  readonly text: string
}

/**
 * What came of overfitting one batch, in words.
 *
 * @param labels the class of each image, places in the list of classes
 * @param faults what was found in the batch; the likeliest reasons why it could not be learned
 */
export function judgeOverfit(
  { scores, probabilities }: Overfitted,
  labels: ArrayLike<number>,
  faults: readonly string[],
): OverfitVerdict {
  const last = scores.at(-1)
  if (last === undefined) return { learns: false, text: 'No step was taken.' }
  if (isLearned(scores)) {
    return { learns: true, text: `learns: loss ${shown(last.loss)} and every image right after ${last.step} steps` }
  }
  const reasons = faults.length > 0 ? faults : [unexplained({ scores, probabilities }, entropyOf(labels))]
  return { learns: false, text: reasons.join(' ') }
}

/** The cross-entropy of guessing the shares of the classes, in nats: the loss of a network that sees nothing. */
export function entropyOf(labels: ArrayLike<number>): number {
  const counts = new Map<number, number>()
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1)
  return [...counts.values()].reduce((sum, count) => {
    const share = count / labels.length
    return sum - share * Math.log(share)
  }, 0)
}

/** The least loss of a network that is no better than guessing, as a share of what guessing has. */
const NO_BETTER = 0.9

/** What to look at when the images themselves are all right; so written that NaN is a loss that runs away. */
function unexplained({ scores, probabilities }: Overfitted, entropy: number): string {
  const loss = meanOfLast(scores.map((score) => score.loss))
  if (!(loss <= 2 * Math.max(entropy, scores[0]?.loss ?? 0))) return 'The loss runs away: lower learningRate.'
  if (loss < NO_BETTER * entropy) {
    return 'The loss falls, but not far enough: allow more --steps, or raise learningRate.'
  }
  const guessing = `The loss is no better than that of guessing the shares of the classes, ${shown(entropy)}`
  return saysOneThing(probabilities)
    ? `${guessing}, and the network says the same of every image: lower learningRate, for its units may be dead, and look whether the images differ.`
    : `${guessing}: look whether each image has its own label, then change learningRate, up or down, by ten.`
}

/** Probabilities that differ by less are the same. */
const SAME = 0.02

function saysOneThing(probabilities: readonly (readonly number[])[]): boolean {
  const [first = []] = probabilities
  return probabilities.every((row) => row.every((value, place) => Math.abs(value - (first[place] ?? 0)) < SAME))
}

function meanOfLast(losses: readonly number[], count = 5): number {
  const last = losses.slice(-count)
  return last.reduce((sum, loss) => sum + loss, 0) / last.length
}

function shown(loss: number): string {
  return loss.toFixed(3)
}
