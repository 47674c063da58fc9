/**
 * What certify runs for a training that was ended by hand: the stage train, ended after an epoch that is named.
 *
 * usage   node commands/certify/train.ts <config> <epochs>
 * reads   artifacts/augment/{train,validation}.npy
 * writes  artifacts/train/<config>/{model/, history.csv}, artifacts/runs/<config>.json
 */

import { loadParams } from '../../src/command-line/params.ts'
import { runScript } from '../../src/core/stage.ts'
import { prepareNumerics } from '../../src/tensorflow/environment.ts'
import { selectConfiguration } from '../../src/train/params.ts'

const [config = '', epochs] = process.argv.slice(2)

await runScript(`train@${config}`, async () => {
  const params = await loadParams()
  const configuration = selectConfiguration(params, config)
  prepareNumerics(configuration.train, process.env)
  const { trainUntil } = await import('../../src/review/train-until.ts') // loads TensorFlow
  return trainUntil(configuration, params, Number(epochs))
})
