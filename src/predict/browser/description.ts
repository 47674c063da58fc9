import { percent, whole } from '../../scores/format.ts'
import type { Square } from './resize.ts'

/** The content of demo.json: the model that the page shows. */
export interface Description {
  readonly title: string
  /** Name of the configuration. */
  readonly config: string
  /** In the order of the network's outputs. */
  readonly classes: readonly string[]
  readonly image: Square
  /** By what the logits are divided. */
  readonly temperature: number
  readonly sure: {
    /** Share of predictions that must be right. */
    readonly share: number
    /** The calibrated probability from which they are, on validation; null if from none. */
    readonly from: number | null
    /** Number of validation images. */
    readonly images: number
  }
}

/** Whether the model is sure at a probability, and the reason in one sentence. */
export function describeWorth({ sure: { share, from, images } }: Description, probability: number) {
  const asked = `${percent(share)} of the cases`
  const validation = images === 1 ? 'the one validation image' : `the ${whole(images)} validation images`
  if (from === null) {
    return { sure: false, words: `Unsure: on ${validation} no probability was high enough to be right in ${asked}.` }
  }
  const bound = percent(from)
  return probability >= from
    ? { sure: true, words: `Sure: from ${bound} on, predictions on ${validation} were right in at least ${asked}.` }
    : { sure: false, words: `Unsure: below ${bound}, predictions on ${validation} were right in less than ${asked}.` }
}
