import type { Params } from '../command-line/params.ts'
import { type Checkpointer, openCheckpointer } from '../train/checkpointer.ts'
import { withTrainingData } from '../train/data.ts'
import type { Configuration } from '../train/params.ts'
import { saveTraining, train } from '../train/train.ts'

/** Trains as the stage does, but for a person who ends it once so many epochs are over; gives the line that a person reads. */
export async function trainUntil(configuration: Configuration, params: Params, epochs: number): Promise<string> {
  const checkpointer = endingAfter(await openCheckpointer(configuration, params), epochs)
  const trained = await withTrainingData((data) => train(configuration, params, data, checkpointer))
  return saveTraining(configuration, trained)
}

/** A checkpointer that asks for the end at the first step after an epoch, which leaves what any later step of it does. */
function endingAfter(checkpointer: Checkpointer, epochs: number): Checkpointer {
  return {
    ...checkpointer,
    afterStep: async (position, capture) =>
      (await checkpointer.afterStep(position, capture)) || position.epoch > epochs,
  }
}
