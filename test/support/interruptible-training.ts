import { join } from 'node:path'
import { sha256, writeFileAtomically } from '../../src/core/files.ts'
import { fit } from '../../src/train/fit.ts'
import { openInterruption } from '../../src/train/interruption.ts'
import type { FitState } from '../../src/train/job.ts'
import { openKeeper } from '../../src/train/keeper.ts'
import type { TrainParams } from '../../src/train/params.ts'
import { smallJob, smallNetwork } from './small-network.ts'

/** Trains the small network with a checkpoint in nearly every step, and writes what came out. */
export async function trainInterruptibly(folder: string, params: TrainParams, headOnly: boolean): Promise<void> {
  const network = smallNetwork()
  if (headOnly) for (const layer of network.layers.slice(0, -1)) layer.trainable = false
  const keeper = openKeeper<FitState>({
    folder: join(folder, 'checkpoints'),
    key: sha256(JSON.stringify(params)),
    params: { everyEpochs: 1, everyMinutes: 1 / 60_000 }, // a checkpoint in nearly every step
    interruption: openInterruption(),
    clock: () => performance.now(),
    warn: (message) => console.error(message),
  })
  const { weights, history } = await fit({
    ...smallJob(network),
    params,
    seed: 1,
    listener: { onStep: (epoch, images) => console.log(epoch, images), onEpoch: () => {} },
    keeper,
  })
  const digest = sha256(Buffer.concat([...weights.values()].map((values) => Buffer.from(values.buffer))))
  await writeFileAtomically(join(folder, 'result.json'), JSON.stringify({ digest, history }))
  await keeper.clear()
}
