import type { CalibratedImage, EvaluatedPart } from '../scores/predictions.ts'

/** Above this calibrated probability, a wrong answer is either a bad mistake or a wrong label. */
export const SURE = 0.99

/** An image whose label a person may want to look at. */
export interface Candidate {
  readonly id: string
  readonly part: EvaluatedPart
  readonly label: string
  /** What the chosen configuration takes it for, and with which calibrated probability. */
  readonly prediction: string
  readonly probability: number
  /** sure: the chosen one is wrong with a probability over 0.99; everyone: no configuration takes it for its label. */
  readonly reason: 'sure' | 'everyone' | 'sure and everyone'
}

/**
 * Images that the chosen configuration gets wrong and is sure of, and those that all configurations get wrong, where there
 * are two or more; the surest first. A list to look at: nothing is dropped for standing in it.
 *
 * @param predictions of each configuration, by its name, with probabilities in the order of `classes`
 */
export function labelCandidates(
  predictions: Readonly<Record<string, readonly CalibratedImage[]>>,
  { chosen, classes }: { readonly chosen: string; readonly classes: readonly string[] },
): Candidate[] {
  const names = Object.keys(predictions)
  const wrong = names.map((name) => new Set((predictions[name] ?? []).filter(isWrong).map(({ id }) => id)))
  const candidates = (predictions[chosen] ?? []).filter(isWrong).flatMap((image): Candidate[] => {
    const probability = image.calibrated[classes.indexOf(image.prediction)] ?? Number.NaN
    const sure = probability > SURE
    const everyone = names.length > 1 && wrong.every((ids) => ids.has(image.id))
    if (!sure && !everyone) return []
    const { id, part, label, prediction } = image
    const reason = sure && everyone ? 'sure and everyone' : sure ? 'sure' : 'everyone'
    return [{ id, part, label, prediction, probability, reason }]
  })
  return candidates.sort((a, b) => b.probability - a.probability || (a.id < b.id ? -1 : 1))
}

function isWrong({ label, prediction }: CalibratedImage): boolean {
  return label !== prediction
}
