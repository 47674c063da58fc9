/**
 * train: fit one configuration and keep the weights of its best epoch; continues an interrupted training.
 *
 * usage   pipeline/node pipeline/train.ts <config>
 * reads   artifacts/augment/{train,validation}.{npy,csv}
 * writes  artifacts/train/<config>/{model/, history.csv, notes.txt, validation.json, scores.json}, .paddock/trainings/<digest of the model>.json;
 *         checkpoints outside the checkout
 * params  seed, image, train, models.<config>; checkpoint, which changes no result
 */
import { argv } from 'zx'
import { runScript } from '../src/core/script.ts'
import { prepareNumerics } from '../src/tensorflow/environment.ts'
import { readConfiguration } from '../src/train/params.ts'

const [config = ''] = argv._

await runScript(`train@${config}`, async () => {
  const configuration = await readConfiguration(config)
  prepareNumerics(configuration.train, process.env)
  const { runTraining } = await import('../src/train/train.ts') // loads TensorFlow
  return runTraining(configuration)
})
