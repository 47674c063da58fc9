/**
 * A training of the small network as a program of its own, for tests that kill it.
 *
 * usage   node test/support/interruptible.ts <folder> <JSON of TrainParams> [head]
 *         with `head`, all but the last layer is frozen
 * writes  <folder>/checkpoints/, and <folder>/result.json with a digest of the weights, and the history
 */

import { runScript } from '../../src/core/script.ts'
import { prepareNumerics } from '../../src/tensorflow/environment.ts'
import type { TrainParams } from '../../src/train/params.ts'

const [folder = '', json = '{}', part] = process.argv.slice(2)

await runScript('train@small', async () => {
  const params = JSON.parse(json) as TrainParams
  prepareNumerics(params, process.env)
  const { trainInterruptibly } = await import('./interruptible-training.ts') // loads TensorFlow
  await trainInterruptibly(folder, params, part === 'head')
  return 'done'
})
