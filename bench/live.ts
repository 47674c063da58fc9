/**
 * What progress costs a training step: its line or bar, and the curves. On a network so small that the cost can be measured.
 *
 * usage   TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 node bench/live.ts [PAIRS]
 * writes  on stdout, of each pair, what a step took with and without; then the median of what it costs, and its interval
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadParams } from '../src/command-line/params.ts'
import { seededRng } from '../src/core/random.ts'
import { layerGraphOf, weightsOf } from '../src/tensorflow/graph.ts'
import { fit as fitPhase, startPhase } from '../src/train/fit.ts'
import { selectConfiguration } from '../src/train/params.ts'
import { openReport } from '../src/train/progress.ts'
import type { TrainingJob } from '../src/train/session.ts'
import { brightnessExamples, smallNetwork } from '../test/support/small-network.ts'
import { noCheckpointer, silent } from '../test/support/uninterrupted.ts'
import { median } from './statistics.ts'

const PAIRS = Number(process.argv[2] ?? 10)
const BATCH = 32
const STEPS_PER_EPOCH = 100
/** A turn takes some seconds: the curves are written every three. */
const EPOCHS = 60

/** What a step took, in microseconds. */
interface StepTime {
  readonly wall: number
  readonly processor: number
}

const sample = selectConfiguration(await loadParams('profiles/sample.yaml'), 'mobilenet025-zero')
const train = { ...sample.train, epochs: EPOCHS, batchSize: BATCH, stopping: { ...sample.train.stopping, early: null } }
const model = smallNetwork()
const folder = await mkdtemp(join(tmpdir(), 'paddock-bench-'))
process.chdir(folder)

await takeTurn(false)
const pairs: (readonly [StepTime, StepTime])[] = []
for (let pair = 1; pair <= PAIRS; pair++) {
  const turns = [await takeTurn(true), await takeTurn(false)] as const
  pairs.push(turns)
  console.log(`pair ${pair}: ${turns.map(describe).join(' with, ')} without`)
}
for (const kind of ['wall', 'processor'] as const) {
  const costs = pairs.map(([shown, silent]) => shown[kind] - silent[kind]).sort((a, b) => a - b)
  const [low, high] = [costs[1], costs.at(-2)].map((cost) => cost?.toFixed(1)) // of ten, 97.9 %: statistics.ts
  console.log(`${kind}: ${median(costs).toFixed(1)} us a step (${low} to ${high})`)
}
process.chdir(tmpdir())
await rm(folder, { recursive: true })

/** Trains once, with progress shown or not. */
async function takeTurn(isShown: boolean): Promise<StepTime> {
  const job: TrainingJob = {
    phase: 'network',
    graph: layerGraphOf(model),
    weights: weightsOf(model),
    training: brightnessExamples(STEPS_PER_EPOCH * BATCH, seededRng(1, 'training')),
    validation: brightnessExamples(BATCH, seededRng(1, 'validation')),
    classes: ['dark', 'grey', 'light'],
    params: train,
    seed: 1,
  }
  const report = isShown ? openReport('bench', false) : undefined
  const callbacks = report?.callbacks(job) ?? silent
  const [start, before] = [performance.now(), process.cpuUsage()]
  await fitPhase(job, startPhase(job), { checkpointer: noCheckpointer, callbacks })
  await report?.close()
  const { user, system } = process.cpuUsage(before)
  const steps = STEPS_PER_EPOCH * EPOCHS
  return { wall: (1000 * (performance.now() - start)) / steps, processor: (user + system) / steps }
}

function describe({ wall, processor }: StepTime): string {
  return `${wall.toFixed(0)} us a step (${processor.toFixed(0)} of a processor)`
}
