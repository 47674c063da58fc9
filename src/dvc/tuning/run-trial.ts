import { readFile } from 'node:fs/promises'
import type { Params } from '../../command-line/params.ts'
import { exists } from '../../core/files.ts'
import { paths } from '../../core/paths.ts'
import { copyFromExperiment, removeExperiments, runExperiment } from '../experiments.ts'
import { overridesOf } from '../overrides.ts'
import { reasonOf } from './reason.ts'
import { scoreOfHistory, type TrialScore } from './score.ts'
import type { Trial, TrialResult } from './trial.ts'

/** Histories of trials that ended: what DVC holds of them too, but found in no time. */
const RECORDS = '.paddock/trials'

/** What a trial is run with. */
export interface TrialRun {
  readonly config: string
  readonly params: Params
  /** Names of the experiments there are. */
  readonly experiments: ReadonlySet<string>
  readonly onLine: (line: string) => void
}

/** The score of a trial that ended before, where its record is still there. */
export async function readScore({ name }: Trial): Promise<TrialScore | undefined> {
  const record = recordOf(name)
  return (await exists(record)) ? scoreOfHistory(await readFile(record, 'utf8'), record) : undefined
}

/** Trains a trial as a DVC experiment that aims at its `train` alone, or finds what that gave before. A signal ends it without a result. */
export async function runTrial(trial: Trial, run: TrialRun): Promise<TrialResult | NodeJS.Signals> {
  const before = run.experiments.has(trial.name) ? await scoreOfExperiment(trial, run) : undefined
  if (before) return { trial, score: before }
  if (run.experiments.has(trial.name)) await removeExperiments([trial.name])
  const lines: string[] = []
  const { done, signal } = await runExperiment(experimentOf(trial, run), (line) => {
    lines.push(line)
    run.onLine(line)
  })
  if (signal) return signal
  const score = done ? await scoreOfExperiment(trial, run) : undefined
  return score ? { trial, score } : { trial, reason: reasonOf(lines) }
}

/** The place of a trial's record, which is not git's. */
export function recordOf(name: string): string {
  return `${RECORDS}/${name}.csv`
}

function experimentOf({ name, entry, changed }: Trial, { config, params }: TrialRun) {
  const overrides = overridesOf(['models', config], { keys: changed, value: entry, old: params.models[config] ?? {} })
  return { name, target: `train@${config}`, overrides }
}

async function scoreOfExperiment(trial: Trial, { config }: TrialRun): Promise<TrialScore | undefined> {
  await copyFromExperiment(trial.name, paths.history(config), recordOf(trial.name))
  return readScore(trial)
}
