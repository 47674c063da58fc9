import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { TrainParams } from '../../src/config/schema.ts'

/** What a training that can be killed came to: a digest of its weights, and its history. */
export interface Outcome {
  readonly digest: string
  readonly history: readonly unknown[]
}

export const PARAMS: TrainParams = {
  epochs: 6,
  batchSize: 8,
  inferenceBatchSize: 8,
  learningRate: 0.02,
  schedule: { kind: 'constant' },
  optimizer: 'adam',
  momentum: 0.9,
  nesterov: false,
  weightDecay: 0.01,
  clipNorm: null,
  ema: null,
  loss: 'cross-entropy',
  labelSmoothing: 0,
  focalGamma: 2,
  focalAlpha: 0.25,
  classWeights: 'none',
  sampling: 'shuffled',
  dropout: 0,
  batchNormMomentum: 0.9,
  l2: 0.001,
  stopping: {
    early: { monitor: 'validation_accuracy', patience: 6, minChange: 0 },
    converged: null,
    overfitting: null,
    target: null,
  },
  engine: 'compiled',
  deterministic: false,
}

/** A training in a process of its own, in a temporary folder. */
export interface KilledTraining {
  /** Starts it; sends `signal` after that many of its lines of output and `delayMs` more. Gives the exit code and stderr. */
  kill(
    signal: NodeJS.Signals,
    lines: number,
    delayMs: number,
  ): Promise<{ exitCode: number | undefined; seconds: number; stderr: string }>
  /** Runs it to its end. */
  finish(): Promise<Outcome>
  remove(): Promise<void>
}

export async function openKilledTraining(
  params: Partial<TrainParams>,
  env: Record<string, string> = {},
  part: 'all' | 'head' = 'all',
): Promise<KilledTraining> {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-killed-'))
  const start = () =>
    execa(
      'node',
      ['--import', 'tsx', 'test/support/interruptible.ts', folder, JSON.stringify({ ...PARAMS, ...params }), part],
      {
        reject: false,
        env,
      },
    )
  return {
    kill: async (signal, lines, delayMs) => {
      const child = start()
      let seen = 0
      let killedMs = 0
      for await (const _line of child.iterable()) {
        if (++seen !== lines) continue
        setTimeout(() => {
          killedMs = performance.now()
          child.kill(signal)
        }, delayMs)
      }
      const { exitCode, stderr } = await child
      return { exitCode, seconds: (performance.now() - killedMs) / 1000, stderr }
    },
    finish: async () => {
      const { exitCode, stderr } = await start()
      if (exitCode !== 0) throw new Error(`the training ended with ${exitCode}: ${stderr}`)
      return JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')) as Outcome
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
