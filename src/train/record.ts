import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { writeFileAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { TrainingRecord } from '../records/trainings.ts'
import { readModelDigest } from '../scores/identity.ts'
import { describeGpu } from '../tensorflow/gpu.ts'
import { nodeBackend, tf } from '../tensorflow/raw.ts'

/**
 * Leaves the record of a training that has just saved its model in .paddock/trainings: how long it took and on what differs from
 * machine to machine, and so is in no output of a stage.
 */
export async function writeTrainingRecord(
  configuration: string,
  measured: Pick<TrainingRecord, 'seconds' | 'inputStallSeconds' | 'epochs'>,
): Promise<void> {
  const { digest } = await readModelDigest(paths.model(configuration))
  const { binding, isUsingGpuDevice } = nodeBackend()
  const { driver, ...gpu } = isUsingGpuDevice ? await describeGpu() : {}
  const record: TrainingRecord = {
    model: digest,
    configuration,
    seconds: Number(measured.seconds.toFixed(1)),
    inputStallSeconds: Number(measured.inputStallSeconds.toFixed(3)),
    epochs: measured.epochs,
    device: { kind: isUsingGpuDevice ? 'GPU' : 'CPU', ...gpu },
    threads: Number(process.env.TF_NUM_INTRAOP_THREADS ?? availableParallelism()),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    versions: { tensorflow: binding.TF_Version, tfjs: tf.version['tfjs-core'], node: process.versions.node },
  }
  await writeFileAtomically(join(paths.trainingRecords, `${digest}.json`), `${JSON.stringify(record, null, 2)}\n`)
}
