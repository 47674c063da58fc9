import type { ModelCard } from '../network/saved.ts'
import { countLabels } from './class-weights.ts'
import type { TrainingData } from './data.ts'
import type { Configuration, TrainStageParams } from './params.ts'

/** What a model says of itself: how it was configured, what it was trained on and how far it came. */
export function cardOf(
  { name, entry }: Configuration,
  { image }: TrainStageParams,
  data: TrainingData,
  { epochs, bestEpoch }: Pick<ModelCard, 'epochs' | 'bestEpoch'>,
): ModelCard {
  return {
    config: name,
    architecture: entry.architecture,
    mode: entry.mode,
    classes: data.classes,
    trainImages: countByClass(data),
    epochs,
    bestEpoch,
    image,
  }
}

/** Images of each class in the training part, variants not counted. */
export function countByClass({ classes, training }: TrainingData): Record<string, number> {
  const counts = countLabels(training.labels.subarray(0, training.count), classes.length)
  return Object.fromEntries(classes.map((name, place) => [name, counts[place] ?? 0]))
}
