import type { CalibratedImage } from '../scores/predictions.ts'

/** Share of the answers that shall be right where a model counts as sure. */
export const SURE_SHARE = 0.95

/** A run of answers, by their probability, and how many of them were right. */
interface Block {
  readonly from: number
  readonly count: number
  readonly right: number
}

/**
 * The calibrated probability below which a model is unsure: from there on its answers were right in at least `share` of the
 * cases; null when they were so at no probability.
 *
 * How often an answer is right at a probability is read off the images by isotonic regression: the rates that rise with the
 * probability and are the nearest to the answers, by pooling neighbours that fall. Given the images of validation, which
 * fitted the temperature too, and never those of the test set.
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

/** Images of one probability count together, and rates must rise. */
function belongsTo(last: Block, next: Block): boolean {
  return last.from === next.from || last.right * next.count >= next.right * last.count
}
