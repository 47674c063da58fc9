/**
 * train: fit one configuration and keep the weights of its best epoch.
 *
 * usage   node --import tsx pipeline/train.ts <config>
 * reads   artifacts/augment/{train,validation}.npy
 * writes  artifacts/train/<config>/{model/, history.csv}, artifacts/runs/<config>.json
 * params  seed, image, train, models.<config>
 */
import { argv } from 'zx'
import { selectConfiguration } from '../src/config/load.ts'
import { runStage } from '../src/stage.ts'
import { withTrainingData } from '../src/training/data.ts'
import { saveTraining } from '../src/training/save.ts'
import { train } from '../src/training/train.ts'

const [config = ''] = argv._

await runStage(`train@${config}`, async (params) => {
  const configuration = selectConfiguration(params, config)
  const trained = await withTrainingData((data) => train(configuration, params, data))
  return saveTraining(config, trained)
})
