/**
 * train: fit one configuration and keep the weights of its best epoch; goes on where it was interrupted.
 *
 * usage   node --import tsx pipeline/train.ts <config>
 * reads   artifacts/augment/{train,validation}.npy
 * writes  artifacts/train/<config>/{model/, history.csv}, artifacts/runs/<config>.json; checkpoints outside the checkout
 * params  seed, image, train, models.<config>; checkpoint, which changes no result
 */
import { argv } from 'zx'
import { selectConfiguration } from '../src/config/load.ts'
import { runStage } from '../src/stage.ts'
import { withTrainingData } from '../src/training/data.ts'
import { openRunKeeper } from '../src/training/run-keeper.ts'
import { saveTraining } from '../src/training/save.ts'
import { train } from '../src/training/train.ts'

const [config = ''] = argv._

await runStage(`train@${config}`, async (params) => {
  const configuration = selectConfiguration(params, config)
  const keeper = await openRunKeeper(configuration, params)
  const trained = await withTrainingData((data) => train(configuration, params, data, keeper))
  const summary = await saveTraining(config, trained)
  await keeper.clear()
  return summary
})
