import { percent, whole } from '../../scores/format.ts'
import type { Familiarity, Novelty } from '../../scores/novelty.ts'
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
  /** Without the rows, which are in references.bin; null where the images of the model were not compared. */
  readonly novelty: Omit<Novelty, 'rows'> | null
  readonly sure: {
    /** Share of predictions for images like the training images that must be right. */
    readonly share: number
    /** The calibrated probability from which validation shows that they are; null if there is none. */
    readonly from: number | null
    /** Number of validation images. */
    readonly images: number
    /** The number of validation images below which none can be sure. */
    readonly needed: number
  }
}

/** How an image that is none of the classes differs from the training images, in two sentences. */
export function describeRefusal({ distance, nearest }: Familiarity, limit: number): string {
  const counts = Object.entries(nearest).sort(([, a], [, b]) => b - a)
  const shown = counts.map(([name, count]) => `${name} ${count}`)
  return `It is unlike the training images: its distance from them, ${distance.toFixed(3)}, is beyond the limit of ${limit.toFixed(3)}. The nearest are: ${shown.join(', ')}.`
}

/** Whether the model is sure at a probability, and the reason in one sentence. */
export function describeWorth(
  { sure: { share, from, images, needed } }: Pick<Description, 'sure'>,
  probability: number,
) {
  const right = `${percent(share)} of the predictions for images like the training images are right`
  if (images < needed) {
    const too = `${whole(images)} validation ${images === 1 ? 'image is' : 'images are'} too few`
    return { sure: false, words: `Unsure: ${too} to show that ${right}; it takes ${needed}.` }
  }
  if (from === null) {
    return { sure: false, words: `Unsure: the validation images do not show at any probability that ${right}.` }
  }
  const bound = percent(from)
  return probability >= from
    ? { sure: true, words: `Sure: from ${bound} on, the validation images show that ${right}.` }
    : { sure: false, words: `Unsure: below ${bound}, the validation images do not show that ${right}.` }
}
