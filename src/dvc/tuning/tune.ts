import { randomUUID } from 'node:crypto'
import pMap from 'p-map'
import { readArguments } from '../../command-line/arguments.ts'
import { CHOICE_HELP, CHOICE_OPTIONS, type Choice, chooseConfiguration } from '../../command-line/choose.ts'
import { loadParams, type Params } from '../../command-line/params.ts'
import { ConfigError, TrainingError } from '../../core/errors.ts'
import { exists } from '../../core/files.ts'
import { paths } from '../../core/paths.ts'
import { readSplit } from '../../dataset/split.ts'
import { recordSeedTrials } from '../../records/seeds.ts'
import { pluralize } from '../../scores/format.ts'
import { type Axis, parseAxis, planTrials } from './settings.ts'
import { entryYaml, noiseLine, ranked, spreadLine, trialsTable } from './table.ts'
import { readScores, runTrial, type Trial } from './trials.ts'

const COMMON_HELP = `${CHOICE_HELP}
  --jobs N             trainings at once (default: 1, since each can use the
                       whole machine)
  --help               this text

Each training is a DVC experiment of the stage train alone, in a copy of what
git tracks, changes included. params.yaml, dvc.lock and results/ stay as they
are, and test images are not read. Ctrl-C stops; the same command continues,
even in the middle of a training. \`npm run dvc -- exp show --only-changed\`
lists the experiments, \`exp remove NAME\` deletes one.`

const TUNE_HELP = `tune: train a configuration with each combination of some settings, and rank
them on validation

usage: npm run tune -- --config NAME --set KEY=VALUE,VALUE [--set …] [options]
  --set KEY=VALUE,…    a key of the entry of models, and the values to try,
                       such as learningRate=1e-4,1e-3 or optimizer=adam,sgd
${COMMON_HELP}

Values are YAML, and may be whole sections:
--set "schedule={kind: constant},{kind: cosine, warmUpEpochs: 2}"`

const SEEDS_HELP = `seeds: train a configuration with several seeds, show how much its validation
accuracy varies, and record that in records/seeds.jsonl for the report

usage: npm run seeds -- --config NAME [--seeds N] [options]
  --seeds N            how many (default: 5): its own seed and those that follow
${COMMON_HELP}`

const COMMON_OPTIONS = { ...CHOICE_OPTIONS, jobs: { type: 'string' } } as const
const TUNE_OPTIONS = { ...COMMON_OPTIONS, set: { type: 'string', multiple: true } } as const
const SEEDS_OPTIONS = { ...COMMON_OPTIONS, seeds: { type: 'string' } } as const

/** What a seed changes in a training. */
const VARIES = `A seed changes the initial weights, the order of the images, dropout, and the transforms drawn in each step
(augment.online); the split and the variants that augment made are the same.`

/** The command `tune`. @throws ConfigError before anything runs; TrainingError when every training failed */
export async function tune(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args, { help: TUNE_HELP, options: TUNE_OPTIONS, words: 0 })
  if (!given) return undefined
  const axes = (given.values.set ?? []).map(parseAxis)
  if (axes.length === 0) throw new ConfigError('Expected --set KEY=VALUE,VALUE, received none. See --help.')
  return search(
    'tune',
    given.values,
    () => axes,
    async (config, trials) => {
      const [best] = ranked(trials)
      if (!best?.scores) return ''
      const yaml = `The best, for params.yaml:\n\n\`\`\`yaml\n${entryYaml(config, best)}\n\`\`\``
      return [noiseLine(trials, await countValidation()), yaml].filter(Boolean).join('\n\n')
    },
  )
}

/** The command `seeds`. @throws ConfigError before anything runs; TrainingError when every training failed */
export async function seeds(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args, { help: SEEDS_HELP, options: SEEDS_OPTIONS, words: 0 })
  if (!given) return undefined
  const count = wholeNumber('--seeds', given.values.seeds ?? '5', { least: 2, most: 1000 })
  const axesOf = (params: Params, config: string) => {
    const first = params.models[config]?.seed ?? params.seed
    return [{ key: 'seed', values: Array.from({ length: count }, (_, place) => String(first + place)) }]
  }
  return search('seeds', given.values, axesOf, async (config, trials) =>
    [spreadLine(trials), await recordSpread(config, trials), VARIES].filter(Boolean).join('\n\n'),
  )
}

/** Records the seeds that ended with scores, for the report; returns a line that says so. */
async function recordSpread(configuration: string, trials: readonly Trial[]): Promise<string> {
  const scored = trials.flatMap(({ entry, scores }) => {
    if (!scores || Number.isNaN(scores.accuracy)) return []
    const { accuracy, loss, best_epoch, epochs } = scores
    return [{ seed: Number(entry.seed), accuracy, loss, best_epoch, epochs }]
  })
  if (scored.length < 2) return ''
  await recordSeedTrials({ configuration, trials: scored })
  return `Recorded in ${paths.seedTrials}; commit it. \`npm run repro\` shows the spread in the report if its model is one of these trainings.`
}

async function search(
  command: 'tune' | 'seeds',
  { jobs = '1', ...choice }: Choice & { readonly jobs?: string | undefined },
  axesOf: (params: Params, config: string) => readonly Axis[],
  describe: (config: string, trials: readonly Trial[]) => Promise<string>,
): Promise<string> {
  const atOnce = wholeNumber('--jobs', jobs, { least: 1, most: 8 })
  const params = await loadParams()
  const config = chooseConfiguration(params, choice)
  const axes = axesOf(params, config)
  const search = randomUUID().slice(0, 6)
  const planned = planTrials(params, config, axes, (place) => `${command}-${config}-${search}-${place + 1}`)
  const reasons = await pMap(
    planned,
    async (trial, place) => {
      const say = (line: string) => console.error(`${command}: trial ${place + 1} of ${planned.length}: ${line}`)
      say(trial.overrides.map((each) => each.replace(/^\W+models\.[^.]+\./, '')).join(' '))
      return runTrial(config, trial, (line) => line.startsWith(`train@${config}: `) && say(line))
    },
    { concurrency: atOnce },
  )
  const scores = await readScores(config)
  const trials = planned.map(
    ({ name, entry }, place): Trial => ({
      name,
      entry,
      scores: scores.get(name),
      reason: reasons[place] ?? '',
    }),
  )
  const table = trialsTable(
    axes.map(({ key }) => key),
    trials,
  )
  console.log([table, await describe(config, trials)].filter(Boolean).join('\n\n'))
  const ended = trials.filter(({ scores }) => scores).length
  if (ended > 0) return `${ended} of ${pluralize(trials.length, 'training')} of ${config} ended with scores`
  throw new TrainingError(`All ${pluralize(trials.length, 'training')} of ${config} failed. The table says why.`)
}

/** The images for validation, the same in every trial; 0 where split has not run in this checkout. */
async function countValidation(): Promise<number> {
  if (!(await exists(paths.split))) return 0
  return (await readSplit(paths.split)).filter(({ part }) => part === 'validation').length
}

/** The whole number that an option holds. @throws ConfigError that names the option */
function wholeNumber(option: string, text: string, { least, most }: { least: number; most: number }): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new ConfigError(`Expected ${option} from ${least} to ${most}, received ${text}. See --help.`)
}
