/**
 * train: fit one configuration and keep the weights of its best epoch; goes on where it was interrupted.
 *
 * usage   node --import tsx/esm pipeline/train.ts <config>
 * reads   artifacts/augment/{train,validation}.npy
 * writes  artifacts/train/<config>/{model/, history.csv}, artifacts/runs/<config>.json; checkpoints outside the checkout
 * params  seed, image, train, models.<config>; checkpoint, which changes no result
 */
import { argv } from 'zx'
import { selectConfiguration } from '../src/config/load.ts'
import { runStage } from '../src/core/stage.ts'
import { prepareNumerics } from '../src/tensorflow/environment.ts'

const [config = ''] = argv._

await runStage(`train@${config}`, async (params) => {
  const configuration = selectConfiguration(params, config)
  prepareNumerics(configuration.train, process.env)
  const { runTraining } = await import('../src/train/run.ts') // loads TensorFlow
  return runTraining(configuration, params)
})
