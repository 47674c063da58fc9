import type { Square } from './resize.ts'

/** What the page is told of the model that it shows: demo.json. */
export interface Description {
  readonly title: string
  /** Name of the configuration. */
  readonly config: string
  /** In the order of the network's outputs. */
  readonly classes: readonly string[]
  readonly image: Square
  /** By which the logits are divided. */
  readonly temperature: number
  readonly sure: {
    /** Share of the answers that shall be right. */
    readonly share: number
    /** From which calibrated probability on they were, on validation; null: from none on. */
    readonly from: number | null
    /** Validation images that say so. */
    readonly images: number
  }
}

/** What a probability is worth, in words, and whether the model is sure. */
export function describeWorth({ sure: { share, from, images } }: Description, probability: number) {
  const asked = `${percent(share, 0)} of the cases`
  const validation = `the ${images.toLocaleString('en')} validation images`
  if (from === null) {
    return { sure: false, words: `Unsure: on ${validation} no probability was high enough to be right in ${asked}.` }
  }
  return probability >= from
    ? { sure: true, words: `Sure: from ${percent(from)} on, answers on ${validation} were right in at least ${asked}.` }
    : {
        sure: false,
        words: `Unsure: below ${percent(from)}, answers on ${validation} were right in less than ${asked}.`,
      }
}

/** `97.3 %`; never 100 % for less. */
export function percent(share: number, digits = 1): string {
  const rounded = (100 * share).toFixed(digits)
  return share < 1 && Number(rounded) === 100 ? `> ${(100 - 10 ** -digits).toFixed(digits)} %` : `${rounded} %`
}
