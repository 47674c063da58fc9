import { describeEnding } from '../scores/history.ts'
import { describeImbalance, describeShortage } from '../train/class-balance.ts'
import { describeCollapsedEpochs } from '../train/collapse.ts'
import type { TrainParams } from '../train/params.ts'
import type { Evaluated } from './evaluations.ts'

/** How the training of a configuration ended, and where that is so, that it learned nothing, had few images to learn from, or unevenly many of its classes. */
export function trainingNotes(
  { history, metrics }: Pick<Evaluated, 'history' | 'metrics'>,
  train: Pick<TrainParams, 'classWeights' | 'sampling'>,
): string[] {
  const notes = [
    describeEnding(history),
    describeCollapsedEpochs(history),
    describeShortage(metrics.mode, metrics.train_images_per_class),
    describeImbalance(train, metrics.train_images_per_class),
  ]
  return notes.filter((note) => note !== undefined)
}
