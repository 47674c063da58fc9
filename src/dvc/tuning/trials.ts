import { resolve } from 'node:path'
import { z } from 'zod'
import { DataError } from '../../core/errors.ts'
import { paths } from '../../core/paths.ts'
import { runDvc } from '../run.ts'

/** One training: a DVC experiment of that name. */
export interface Trial {
  readonly name: string
  /** Its entry of `models`. */
  readonly entry: Readonly<Record<string, unknown>>
  /** Scores on validation of its best epoch; undefined when the training failed. */
  readonly scores: TrialScores | undefined
  /** Why it failed, in one line. */
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
const file = z.object({ data: z.unknown() }).partial()
const experiment = z.object({
  name: z.string().nullable(),
  revs: z.array(
    z.object({
      data: z.object({ params: z.record(z.string(), file), metrics: z.record(z.string(), file).nullish() }).nullable(),
    }),
  ),
})
const shown = z.array(z.object({ experiments: z.array(experiment).nullable() }))

/** Variables that name folders: a relative path would name another folder in the copy that an experiment runs in. */
const FOLDERS = ['PADDOCK_CACHE', 'PADDOCK_CHECKPOINTS', 'PADDOCK_FEATURES', 'PADDOCK_MIRROR']

/**
 * Queues an experiment of `train@config` alone for each combination of the overrides, and returns their names.
 *
 * @throws DataError when DVC refuses
 */
export async function queueTrials(config: string, overrides: readonly string[]): Promise<string[]> {
  const lines = await dvcLines(['exp', 'run', '--queue', ...overrides, `train@${config}`])
  return lines.flatMap((line) => /^Queued experiment '(.+)' for future execution/.exec(line)?.[1] ?? [])
}

/**
 * Runs DVC's queue, calling `onLine` with what a trial prints, and returns the reasons of failures by name.
 *
 * @returns a signal when one ended it: then nothing runs any more, and the named experiments have left the queue
 */
export async function runQueue(
  names: readonly string[],
  jobs: number,
  onLine: (name: string, line: string) => void,
): Promise<Map<string, string> | NodeJS.Signals> {
  const reasons = new Map<string, string>()
  let current = ''
  const { signal } = await runDvc(['exp', 'run', '--run-all', '--jobs', String(jobs)], {
    environment: withAbsoluteFolders(process.env),
    onLine: (line) => {
      current = /^Reproducing experiment '(.+)'/.exec(line)?.[1] ?? current
      const reason = /^(?:[a-z]+(?:@[\w-]+)?: )?(\w*Error: .*)$/.exec(line)?.[1]
      if (reason !== undefined) reasons.set(current, reason)
      onLine(current, line)
    },
  })
  if (signal === undefined) return reasons
  await dvcLines(['queue', 'stop', '--kill'])
  await dvcLines(['queue', 'remove', ...names])
  return signal
}

/** What came of the experiments, by `dvc exp show`. @throws DataError when DVC does not list one of them */
export async function readTrials(
  config: string,
  names: readonly string[],
  reasons: ReadonlyMap<string, string>,
): Promise<Trial[]> {
  const lines = await dvcLines(['exp', 'show', '--json', '--no-pager'])
  const json: unknown = JSON.parse(lines.find((line) => line.startsWith('[')) ?? '[]')
  const experiments = shown.parse(json).flatMap((baseline) => baseline.experiments ?? [])
  return names.map((name) => {
    const data = experiments.find((each) => each.name === name)?.revs[0]?.data
    if (!data) throw new DataError(`Expected the experiment ${name}, received none. Run \`npm run dvc -- exp show\`.`)
    const params = data.params[paths.params]?.data as { models: Record<string, Trial['entry']> }
    const scores = scoresSchema.safeParse(data.metrics?.[paths.validation(config)]?.data).data
    return { name, entry: params.models[config] ?? {}, scores, reason: reasons.get(name) ?? 'DVC gives no reason' }
  })
}

/** The environment with absolute paths in place of relative ones. */
export function withAbsoluteFolders(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folders = FOLDERS.flatMap((name) => {
    const folder = environment[name]
    return folder ? [[name, resolve(folder)] as const] : []
  })
  return { ...environment, ...Object.fromEntries(folders) }
}

async function dvcLines(args: readonly string[]): Promise<string[]> {
  const lines: string[] = []
  const { exitCode } = await runDvc(args, { onLine: (line) => lines.push(line) })
  if (exitCode === 0) return lines
  throw new DataError(`\`dvc ${args.slice(0, 2).join(' ')}\` failed: ${lines.filter((line) => line !== '').join(' ')}`)
}
