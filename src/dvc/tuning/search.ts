import { CHOICE_HELP, CHOICE_OPTIONS, type Choice, chooseConfiguration } from '../../command-line/choose.ts'
import { loadParams, type Params } from '../../command-line/params.ts'
import { ConfigError, TrainingError } from '../../core/errors.ts'
import { pluralize } from '../../scores/format.ts'
import { readTrainingInputs } from '../inputs.ts'
import { entryWith } from './entry.ts'
import type { Settings } from './grid.ts'
import { namePrefix, type TrialResult, trialOf } from './trial.ts'
import { removeTrials, runTrials } from './trials.ts'

/** A command that trains one configuration several times. */
export interface SearchCommand {
  readonly command: string
  /** What each of its trainings sets in the configuration's entry. */
  readonly settingsOf: (params: Params, config: string) => readonly Settings[]
  /** What a person reads when all have ended. */
  readonly describe: (config: string, results: readonly TrialResult[]) => string
}

/** The options of such a command. */
export const SEARCH_OPTIONS = { ...CHOICE_OPTIONS, jobs: { type: 'string' }, clean: { type: 'boolean' } } as const

/** What `--help` says about them. */
export const SEARCH_HELP = `${CHOICE_HELP}
  --jobs N                                         trainings at once, 1 if not given: each can use the whole machine
  --clean                                          remove the experiments of this command and configuration
  --help                                           this text

Each training is a DVC experiment of the stage train alone, in a copy of what git tracks (changes included); params.yaml,
dvc.lock and results/ stay as they are, and the test images are not looked at. Ctrl-C stops; the same command goes on, in
the middle of a training too, and trains again what failed. \`npm run dvc -- exp show\` lists the experiments.`

interface SearchValues extends Choice {
  readonly jobs?: string | undefined
  readonly clean?: boolean | undefined
}

const MOST_JOBS = 8

/** Runs such a command; gives the line that a person reads last. @throws TrainingError when no training came to an end */
export async function runSearch(
  { command, settingsOf, describe }: SearchCommand,
  values: SearchValues,
): Promise<string> {
  const params = await loadParams()
  const config = chooseConfiguration(params, values)
  const prefix = namePrefix(command, config)
  if (values.clean) return `${pluralize(await removeTrials(prefix), 'experiment')} removed`
  const jobs = wholeNumber('--jobs', values.jobs ?? '1', { least: 1, most: MOST_JOBS })
  const settings = settingsOf(params, config)
  const entries = settings.map((each) => ({ settings: each, entry: entryWith(params, config, each) }))
  const inputs = await readTrainingInputs(params)
  const trials = entries.map((each) => trialOf(prefix, inputs, each.settings, each.entry))
  const say = (line: string) => console.error(line.startsWith('train@') ? line : `${command}: ${line}`)
  const results = await runTrials({ config, params, trials, jobs, say })
  console.log(describe(config, results))
  const ended = results.filter(({ score }) => score).length
  if (ended > 0) return `${ended} of ${pluralize(trials.length, 'training')} of ${config} ended with a score`
  throw new TrainingError(
    `Expected a training of ${config} that ends, received ${trials.length} that failed. The table says why.`,
  )
}

/** The whole number that an option gives. @throws ConfigError that names the option */
export function wholeNumber(option: string, text: string, { least, most }: { least: number; most: number }): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new ConfigError(`Expected ${option} from ${least} to ${most}, received ${text}. See --help for what it takes.`)
}
