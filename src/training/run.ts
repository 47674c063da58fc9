import type { Configuration } from '../config/load.ts'
import type { Params } from '../config/schema.ts'
import { withTrainingData } from './data.ts'
import { openRunKeeper } from './run-keeper.ts'
import { saveTraining } from './save.ts'
import { train } from './train.ts'

/** The whole of the stage: trains, or goes on where it was interrupted, and saves; gives the line that a person reads. */
export async function runTraining(configuration: Configuration, params: Params): Promise<string> {
  const keeper = await openRunKeeper(configuration, params)
  const trained = await withTrainingData((data) => train(configuration, params, data, keeper))
  const summary = await saveTraining(configuration.name, trained)
  await keeper.clear()
  return summary
}
