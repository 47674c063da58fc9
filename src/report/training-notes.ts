import { describeCollapsedEpochs, describeEnding } from '../training/ending.ts'
import { describeShortage } from '../training/shortage.ts'
import type { Evaluated } from './evaluations.ts'

/** How the training of a configuration ended, and where that is so, that it learned nothing or had few pictures to learn from. */
export function trainingNotes({ history, metrics }: Pick<Evaluated, 'history' | 'metrics'>): string[] {
  const notes = [
    describeEnding(history),
    describeCollapsedEpochs(history),
    describeShortage(metrics.mode, metrics.train_images_per_class),
  ]
  return notes.filter((note) => note !== undefined)
}
