import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pMap from 'p-map'
import type { Params } from '../../command-line/params.ts'
import { percent } from '../../scores/format.ts'
import { InterruptedError } from '../../train/interruption.ts'
import { removeCopies } from '../experiment-copies.ts'
import { listExperiments, removeExperiments } from '../experiments.ts'
import { describeSettings } from './grid.ts'
import { readScore, recordOf, runTrial } from './run-trial.ts'
import { ranked, type Trial, type TrialResult } from './trial.ts'

/** What is to be trained, and how many at once. */
export interface Search {
  readonly config: string
  readonly params: Params
  readonly trials: readonly Trial[]
  readonly jobs: number
  /** Tells a person how it goes. */
  readonly say: (line: string) => void
}

/**
 * The results of all trials, after training those that have not ended before.
 *
 * What runs side by side can meet in DVC's locks or want too much memory: a trial that failed without a word of its
 * training has a second turn, alone.
 *
 * @throws InterruptedError after a signal; the next call goes on from there
 */
export async function runTrials(search: Search): Promise<TrialResult[]> {
  const results = new Map<Trial, TrialResult>()
  await runPass(search, results)
  if (search.jobs > 1) {
    const again = search.trials.filter((trial) => results.get(trial)?.reason?.byTraining === false)
    await runPass({ ...search, trials: again, jobs: 1 }, results)
  }
  return search.trials.flatMap((trial) => results.get(trial) ?? [])
}

/** Removes the experiments of a search, their records, and what a killed one left. @returns how many experiments there were */
export async function removeTrials(prefix: string): Promise<number> {
  const names = (await listExperiments()).filter((name) => name.startsWith(prefix))
  await removeExperiments(names)
  await removeCopies((name) => name.startsWith(prefix))
  const folder = dirname(recordOf(prefix))
  const records = await readdir(folder).catch(() => [])
  await Promise.all(records.filter((name) => name.startsWith(prefix)).map((name) => rm(join(folder, name))))
  return names.length
}

/** Runs trials, and adds to the results; those that ended before are taken from their records. */
async function runPass({ config, params, trials, jobs, say }: Search, results: Map<Trial, TrialResult>) {
  const scores = await Promise.all(trials.map(async (trial) => ({ trial, score: await readScore(trial) })))
  const pending = scores.flatMap(({ trial, score }) => {
    if (score) results.set(trial, { trial, score })
    return score ? [] : [trial]
  })
  if (pending.length === 0) return
  if (pending.length < trials.length) say(`${trials.length - pending.length} of ${trials.length} trials ended before`)
  const experiments = new Set(await listExperiments())
  const work = async (trial: Trial) => {
    const label = `trial ${trials.indexOf(trial) + 1} of ${trials.length}`
    say(`${label}: ${describeSettings(trial.settings)}${describeBest(results)}`)
    const onLine = (line: string) => line.startsWith(`train@${config}: `) && say(jobs > 1 ? `${label}: ${line}` : line)
    const result = await runTrial(trial, { config, params, experiments, onLine })
    if (typeof result === 'string') throw interrupted(result, results.size, trials.length)
    results.set(trial, result)
    say(`${label}: ${describeResult(result)}`)
  }
  await pMap(pending, work, { concurrency: jobs })
}

function interrupted(signal: NodeJS.Signals, done: number, all: number): InterruptedError {
  return new InterruptedError(
    `${signal} after ${done} of ${all} trials. Run the same command again and it goes on.`,
    signal,
  )
}

function describeBest(results: ReadonlyMap<Trial, TrialResult>): string {
  const [best] = ranked([...results.values()])
  return best?.score ? ` (best so far ${percent(best.score.accuracy)}: ${describeSettings(best.trial.settings)})` : ''
}

function describeResult({ score, reason }: TrialResult): string {
  return score ? `validation ${percent(score.accuracy)}, loss ${score.loss.toFixed(3)}` : `failed: ${reason.text}`
}
