import type { CalibratedImage } from '../scores/predictions.ts'

/** The accuracy that predictions must reach for a model to count as sure. */
export const SURE_SHARE = 0.95

/** Predictions of neighbouring probabilities, and how many of them are right. */
interface Block {
  readonly from: number
  readonly count: number
  readonly right: number
}

/**
 * The calibrated probability from which at least `share` of the predictions are right; null if there is none.
 *
 * The accuracy at a probability comes from isotonic regression: the rising rates closest to the predictions, by pooling
 * neighbours that fall. Meant for validation images, which fitted the temperature too, never for those of the test set.
 *
 * Source: Zadrozny and Elkan, https://doi.org/10.1145/775047.775151 (pool adjacent violators)
 */
export function sureFrom(
  images: readonly Pick<CalibratedImage, 'label' | 'prediction' | 'calibrated'>[],
  share: number = SURE_SHARE,
): number | null {
  const answers = images.map(({ label, prediction, calibrated }) => ({
    from: Math.max(...calibrated),
    count: 1,
    right: label === prediction ? 1 : 0,
  }))
  answers.sort((a, b) => a.from - b.from)
  const blocks: Block[] = []
  for (const answer of answers) {
    let block: Block = answer
    for (let last = blocks.at(-1); last && belongsTo(last, block); last = blocks.at(-1)) {
      blocks.pop()
      block = { from: last.from, count: last.count + block.count, right: last.right + block.right }
    }
    blocks.push(block)
  }
  return blocks.find(({ right, count }) => right / count >= share)?.from ?? null
}

/** Images of equal probability count together, and rates must rise. */
function belongsTo(last: Block, next: Block): boolean {
  return last.from === next.from || last.right * next.count >= next.right * last.count
}
