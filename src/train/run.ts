import { countByClass } from './card.ts'
import { type TrainingData, withTrainingData } from './data.ts'
import { describeImbalance } from './imbalance.ts'
import type { Configuration, TrainStageParams } from './params.ts'
import { expectTrainingAllowed } from './refusal.ts'
import { openRunKeeper } from './run-keeper.ts'
import { saveTraining } from './save.ts'
import { describeShortage } from './shortage.ts'
import { train } from './train.ts'

/** The whole of the stage: trains, or goes on where it was interrupted, and saves; gives the line that a person reads. */
export async function runTraining(configuration: Configuration, params: TrainStageParams): Promise<string> {
  expectTrainingAllowed(configuration.name)
  const keeper = await openRunKeeper(configuration, params)
  const trained = await withTrainingData((data) => {
    tellImages(configuration, data)
    return train(configuration, params, data, keeper)
  })
  const summary = await saveTraining(configuration, trained)
  await keeper.clear()
  return summary
}

/** What is to be known of the training images of each class. */
function tellImages({ name, entry, train }: Configuration, data: TrainingData): void {
  const images = countByClass(data)
  for (const line of [describeShortage(entry.mode, images), describeImbalance(train, images)]) {
    if (line !== undefined) console.error(`train@${name}: ${line}`)
  }
}
