import { availableParallelism } from 'node:os'
import { writeFileAtomically } from '../core/files.ts'
import type { HistoryRow } from '../scores/history.ts'
import type { LayerGraph } from '../tensorflow/graph.ts'
import { nodeBackend, tf } from '../tensorflow/raw.ts'
import { type Guarantees, guaranteesOf } from './guarantees.ts'
import type { Configuration } from './params.ts'

/** Device, versions and durations of one training: everything that differs from machine to machine. */
export interface RunRecord {
  readonly config: string
  readonly device: 'CPU' | 'GPU'
  readonly node: string
  readonly tensorflow: string
  readonly threads: number
  readonly oneDnn: boolean
  readonly seconds: number
  /** Of the seconds, those in which steps waited for their batches. */
  readonly inputStallSeconds: number
  readonly epochs: number
  readonly stoppedBy: HistoryRow['stopped_by']
  /** Epochs that were no better than guessing. */
  readonly collapsedEpochs: number
  readonly guarantees: Guarantees
}

/** What this process knows of the run that it has done. */
export function describeRun(
  { name, train }: Pick<Configuration, 'name' | 'train'>,
  graph: LayerGraph,
  {
    seconds,
    inputStallSeconds,
    history,
  }: Pick<RunRecord, 'seconds' | 'inputStallSeconds'> & { history: readonly HistoryRow[] },
): RunRecord {
  const { binding, isUsingGpuDevice } = nodeBackend()
  return {
    config: name,
    device: isUsingGpuDevice ? 'GPU' : 'CPU',
    node: process.versions.node,
    tensorflow: `${binding.TF_Version} (tfjs ${tf.version['tfjs-core']})`,
    threads: Number(process.env.TF_NUM_INTRAOP_THREADS ?? availableParallelism()),
    oneDnn: process.env.TF_ENABLE_ONEDNN_OPTS === '1',
    seconds: Number(seconds.toFixed(1)),
    inputStallSeconds: Number(inputStallSeconds.toFixed(3)),
    epochs: history.length,
    stoppedBy: history.at(-1)?.stopped_by ?? '',
    collapsedEpochs: history.filter((row) => row.collapsed === 1).length,
    guarantees: guaranteesOf(graph, {
      gpu: isUsingGpuDevice,
      deterministic: process.env.TF_DETERMINISTIC_OPS === '1',
      threads: train.threads,
    }),
  }
}

/** Writes artifacts/runs/<config>.json. */
export async function writeRun(path: string, record: RunRecord): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(record, null, 2)}\n`)
}
