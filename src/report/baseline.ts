import type { Metrics } from '../scores/metrics.ts'
import { byPart, type EvaluatedPart } from '../scores/predictions.ts'
import { type PartScores, scorePart } from '../scores/scores.ts'

/** Scores of always predicting the majority class. */
export interface Baseline {
  /** The class that is always predicted. */
  readonly label: string
  readonly scores: Record<EvaluatedPart, PartScores>
}

/** Always predicting the most frequent class of the training images; the first by name of a tie. */
export function majorityBaseline({ train_images_per_class: images, ...parts }: Metrics): Baseline {
  const [label = ''] = Object.keys(images).sort((a, b) => (images[b] ?? 0) - (images[a] ?? 0) || (a < b ? -1 : 1))
  return {
    label,
    scores: byPart((part) => {
      const supports = parts[part].per_class
      const classes = [...new Set([label, ...Object.keys(supports)])]
      const counts = classes.map((actual) =>
        classes.map((predicted) => (predicted === label ? (supports[actual]?.support ?? 0) : 0)),
      )
      return scorePart({ classes, counts }, Number.NaN)
    }),
  }
}
