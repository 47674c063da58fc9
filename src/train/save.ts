import { paths } from '../core/paths.ts'
import { saveModel } from '../network/saved.ts'
import { writeHistory } from '../scores/history.ts'
import { describeEnding } from './ending.ts'
import type { Configuration } from './params.ts'
import { describeRun, writeRun } from './run-record.ts'
import type { Trained } from './train.ts'

/** Writes the model, its history and the record of the run; gives the line that a person reads. */
export async function saveTraining(
  { name, train }: Pick<Configuration, 'name' | 'train'>,
  { model, card, graph, history, inputStallSeconds }: Trained,
): Promise<string> {
  await saveModel(paths.model(name), model, card)
  await writeHistory(paths.history(name), history)
  const seconds = performance.now() / 1000
  await writeRun(paths.run(name), describeRun({ name, train }, graph, { seconds, inputStallSeconds, history }))
  const best = history.find((row) => row.epoch === card.bestEpoch)
  return `best epoch ${card.bestEpoch} of ${history.length}, validation accuracy ${best?.validation_accuracy.toFixed(3)}, macro F1 ${best?.validation_macro_f1.toFixed(3)}; ${describeEnding(history)}`
}
