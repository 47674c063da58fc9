import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { parseParams } from '../../src/command-line/params.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { fit, startPhase } from '../../src/train/fit.ts'
import { smallJob, smallNetwork } from '../support/small-network.ts'
import { noCheckpointer, silent } from '../support/uninterrupted.ts'

const EPOCHS = 250
const AUGMENT = { rotation: 20, shift: 0.1, shear: 0, zoom: 0.1, flip: true, brightness: 0.1, mixup: 0.2, cutmix: 1 }
const { train } = parseParams(await readFile('profiles/sample.yaml', 'utf8'))

/**
 * Tensors and memory after each epoch of eight steps, and the validation after it: what is resident outside of V8's heap,
 * where TensorFlow's memory is and JavaScript's garbage, which V8 leaves lying until it pays to collect it, is not.
 */
async function watch(engine: 'compiled' | 'eager'): Promise<{ tensors: number; megabytes: number }[]> {
  const network = smallNetwork()
  const after: { tensors: number; megabytes: number }[] = []
  const stopping = { ...train.stopping, early: null }
  const params = { ...train, epochs: EPOCHS, stopping, batchSize: 8, engine, ema: 0.9, clipNorm: 1 }
  const job = { ...smallJob(network, params), augment: AUGMENT }
  const onEpoch = () => {
    const { rss, heapTotal } = process.memoryUsage()
    after.push({ tensors: tf.memory().numTensors, megabytes: (rss - heapTotal) / 2 ** 20 })
  }
  await fit(job, startPhase(job), { checkpointer: noCheckpointer, callbacks: { ...silent, onEpoch } })
  network.dispose()
  return after
}

it.each(['compiled', 'eager'] as const)('tensors and memory stay flat over 2,000 steps, %s', async (engine) => {
  const after = await watch(engine)
  expect(after).toHaveLength(EPOCHS) // of eight steps
  const counts = after.map(({ tensors }) => tensors)
  expect(new Set(counts.slice(1))).toEqual(new Set([counts[1]]))
  const lowest = (from: number) => Math.min(...after.slice(from, from + 50).map(({ megabytes }) => megabytes))
  const growth = lowest(EPOCHS - 50) - lowest(50)
  expect(growth).toBeLessThan(8)
})
