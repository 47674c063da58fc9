import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { parseParams } from '../../src/command-line/params.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { fit, startPhase } from '../../src/train/fit.ts'
import { smallJob, smallNetwork } from '../support/small-network.ts'
import { noCheckpointer, silent } from '../support/uninterrupted.ts'

const EPOCHS = 250
/** Between two looks at the memory, for which V8 collects its garbage: that takes longer than an epoch. */
const EVERY_EPOCHS = 5
const AUGMENT = { rotation: 20, shift: 0.1, shear: 0, zoom: 0.1, flip: true, brightness: 0.1, mixup: 0.2, cutmix: 1 }
const { train } = parseParams(await readFile('profiles/sample.yaml', 'utf8'))

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Tensors after each epoch of eight steps and its validation, and resident memory now and then, when V8 has no garbage left. */
async function watch(engine: 'compiled' | 'eager'): Promise<{ tensors: number[]; megabytes: number[] }> {
  const network = smallNetwork()
  const tensors: number[] = []
  const megabytes: number[] = []
  const stopping = { ...train.stopping, early: null }
  const params = { ...train, epochs: EPOCHS, stopping, batchSize: 8, engine, ema: 0.9, clipNorm: 1 }
  const job = { ...smallJob(network, params), augment: AUGMENT }
  const onEpoch = () => {
    tensors.push(tf.memory().numTensors)
    if (tensors.length % EVERY_EPOCHS !== 0) return
    collectGarbage()
    megabytes.push(process.memoryUsage.rss() / 2 ** 20)
  }
  await fit(job, startPhase(job), { checkpointer: noCheckpointer, callbacks: { ...silent, onEpoch } })
  network.dispose()
  return { tensors, megabytes }
}

it.each(['compiled', 'eager'] as const)('tensors and memory stay flat over 2,000 steps, %s', async (engine) => {
  const { tensors, megabytes } = await watch(engine)
  expect(tensors).toHaveLength(EPOCHS) // of eight steps
  expect(new Set(tensors.slice(1))).toEqual(new Set([tensors[1]]))
  const fifth = megabytes.length / 5
  const growth = Math.min(...megabytes.slice(-fifth)) - Math.min(...megabytes.slice(fifth, 2 * fifth))
  expect(growth).toBeLessThan(8)
})
