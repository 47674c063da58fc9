import { resolve } from 'node:path'
import { z } from 'zod'
import type { Section } from '../../config/section.ts'
import { dvcCache, objectPath } from '../../core/dvc-objects.ts'
import { DataError } from '../../core/errors.ts'
import { readText } from '../../core/files.ts'
import { paths } from '../../core/paths.ts'
import { InterruptedError } from '../../train/interruption.ts'
import { runDvc } from '../run.ts'
import { removeCopies } from './copies.ts'

/** A training to run: a DVC experiment of that name. */
export interface PlannedTrial {
  readonly name: string
  /** Its entry of `models`. */
  readonly entry: Section
  /** What `dvc exp run --set-param` takes to get that entry. */
  readonly overrides: readonly string[]
}

/** A training that has ended. */
export interface Trial extends Omit<PlannedTrial, 'overrides'> {
  /** Scores on validation of its best epoch; undefined when the training failed. */
  readonly scores: TrialScores | undefined
  /** Why it failed, in one line; empty when it did not. */
  readonly reason: string
}

/** What train writes to validation.json. */
const scoresSchema = z.object({
  accuracy: z.number(),
  macro_f1: z.number(),
  loss: z.number(),
  best_epoch: z.int(),
  epochs: z.int(),
})
export type TrialScores = z.infer<typeof scoresSchema>

/** The part of `dvc exp show --json` that is read. */
const out = z.object({ hash: z.string().nullable() })
const experiment = z.object({
  name: z.string().nullable(),
  revs: z.array(z.object({ data: z.object({ outs: z.record(z.string(), out).nullish() }).nullable() })).nullable(),
})
const shown = z.array(z.object({ experiments: z.array(experiment).nullable() }))

/** Variables that name folders: a relative path would name another folder in the copy that an experiment runs in. */
const FOLDERS = ['PADDOCK_CACHE', 'PADDOCK_CHECKPOINTS', 'PADDOCK_FEATURES', 'PADDOCK_MIRROR']

/** The line of DVC that says that an experiment has its copy, and that the next one may ask for one. */
const STARTED = /^Reproducing experiment/

let starting: Promise<unknown> = Promise.resolve()

/**
 * Runs a trial as an experiment of `train@config` alone, in a temporary copy of what git tracks.
 *
 * Not on DVC's queue: its workers leave our process group, so that Ctrl-C would not stop a training. Experiments of a checkout
 * share one place for what they are about to run, so one starts after the other.
 *
 * @returns why it failed, empty when it did not
 * @throws InterruptedError after a signal
 */
export async function runTrial(
  config: string,
  { name, overrides }: PlannedTrial,
  onLine: (line: string) => void,
): Promise<string> {
  const before = starting
  const { promise: isStarted, resolve: started } = Promise.withResolvers<void>()
  starting = before.then(() => isStarted)
  await before
  const lines: string[] = []
  const set = overrides.flatMap((override) => ['--set-param', override])
  try {
    const { exitCode, signal } = await runDvc(['exp', 'run', '--temp', '--name', name, ...set, `train@${config}`], {
      environment: withAbsoluteFolders(process.env),
      onLine: (line) => {
        if (STARTED.test(line)) started()
        lines.push(line)
        onLine(line)
      },
    })
    if (signal) {
      await removeCopies((each) => each === name)
      throw new InterruptedError(`${signal}. Run the same command again to continue.`, signal)
    }
    return exitCode === 0 ? '' : reasonOf(lines)
  } finally {
    started()
  }
}

/** The last error of the stage, else of DVC, else the last line. */
export function reasonOf(lines: readonly string[]): string {
  const last = (pattern: RegExp) => lines.flatMap((line) => pattern.exec(line)?.[1] ?? []).at(-1)
  return last(/^(?:[a-z]+(?:@[\w-]+)?: )?(\w*Error: .*)$/) ?? last(/^ERROR: (.*)$/) ?? (lines.at(-1) || 'no message')
}

/** Scores on validation by the name of an experiment, from `dvc exp show` and the cache. @throws DataError when DVC fails */
export async function readScores(config: string): Promise<Map<string, TrialScores>> {
  const lines: string[] = []
  const { exitCode } = await runDvc(['exp', 'show', '--json', '--no-pager'], { onLine: (line) => lines.push(line) })
  if (exitCode !== 0) throw new DataError(`\`dvc exp show\` failed: ${lines.join(' ')}`)
  const json: unknown = JSON.parse(lines.find((line) => line.startsWith('[')) ?? '[]')
  const experiments = shown.parse(json).flatMap((baseline) => baseline.experiments ?? [])
  const scored = experiments.flatMap(({ name, revs }): [string, TrialScores][] => {
    const hash = revs?.[0]?.data?.outs?.[paths.validation(config)]?.hash
    const text = hash ? readText(objectPath(dvcCache('.'), hash)) : undefined
    const { data } = scoresSchema.safeParse(text === undefined ? undefined : JSON.parse(text))
    return name && data ? [[name, data]] : []
  })
  return new Map(scored)
}

/** The environment with absolute paths in place of relative ones. */
export function withAbsoluteFolders(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folders = FOLDERS.flatMap((name) => {
    const folder = environment[name]
    return folder ? [[name, resolve(folder)] as const] : []
  })
  return { ...environment, ...Object.fromEntries(folders) }
}
