import { join } from 'node:path'
import { sha256, writeFileAtomically } from '../../src/core/files.ts'
import { createCheckpointer } from '../../src/train/checkpointer.ts'
import { fit, positionOf, startPhase } from '../../src/train/fit.ts'
import { openInterruption } from '../../src/train/interruption.ts'
import type { TrainParams } from '../../src/train/params.ts'
import { smallJob, smallNetwork } from './small-network.ts'

/** Trains the small network with a checkpoint in nearly every step, and writes a digest of the weights and the history. */
export async function trainInterruptibly(folder: string, params: TrainParams, headOnly: boolean): Promise<void> {
  const network = smallNetwork()
  if (headOnly) for (const layer of network.layers.slice(0, -1)) layer.trainable = false
  const checkpointer = createCheckpointer({
    folder: join(folder, 'checkpoints'),
    key: sha256(JSON.stringify(params)),
    params: { everyEpochs: 1, everyMinutes: 1 / 60_000 }, // a checkpoint in nearly every step
    interruption: openInterruption(),
    clock: () => performance.now(),
    warn: (message) => console.error(message),
  })
  const job = smallJob(network, params)
  const callbacks = { onStep: (epoch: number, images: number) => console.log(epoch, images), onEpoch: () => {} }
  const ended = await fit(job, (await checkpointer.restore()) ?? startPhase(job), { checkpointer, callbacks })
  await checkpointer.end(positionOf(job, ended.state), ended)
  const digest = sha256(Buffer.concat([...ended.best.values()].map((values) => Buffer.from(values.buffer))))
  await writeFileAtomically(join(folder, 'result.json'), JSON.stringify({ digest, history: ended.state.history }))
  await checkpointer.clear()
}
