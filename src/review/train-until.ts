import type { Params } from '../command-line/params.ts'
import { withTrainingData } from '../train/data.ts'
import type { Keeper } from '../train/keeper.ts'
import type { Configuration } from '../train/params.ts'
import { openRunKeeper } from '../train/run-keeper.ts'
import type { RunState } from '../train/run-state.ts'
import { saveTraining } from '../train/save.ts'
import { train } from '../train/train.ts'

/** Trains as the stage does, but for a person who ends it once so many epochs are over; gives the line that a person reads. */
export async function trainUntil(configuration: Configuration, params: Params, epochs: number): Promise<string> {
  const keeper = endingAfter(await openRunKeeper(configuration, params), epochs)
  const trained = await withTrainingData((data) => train(configuration, params, data, keeper))
  return saveTraining(configuration, trained)
}

/** A keeper that asks for the end at the first step after an epoch, which leaves what any later step of it does. */
function endingAfter(keeper: Keeper<RunState>, epochs: number): Keeper<RunState> {
  return {
    ...keeper,
    afterStep: async (place, capture) => (await keeper.afterStep(place, capture)) || place.epoch > epochs,
  }
}
