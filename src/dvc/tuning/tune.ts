import { readArguments } from '../../command-line/arguments.ts'
import { ConfigError } from '../../core/errors.ts'
import { seededRng } from '../../core/random.ts'
import { allSettings, drawSettings, parseGrid, type Settings } from './grid.ts'
import { runSearch, SEARCH_HELP, SEARCH_OPTIONS, wholeNumber } from './search.ts'
import { entryYaml, trialsTable } from './table.ts'
import { ranked, type TrialResult } from './trial.ts'

const HELP = `tune: train a configuration with each combination of some settings, and rank them on validation

usage: npm run tune -- --config NAME --grid 'learningRate=1e-4,1e-3 optimizer=adam,sgd' [options]
  --grid 'KEY=VALUE,VALUE …'                       keys of an entry of models, with dots where they lie deeper
  --random N                                       N combinations drawn from the grid, none twice
  --seed S                                         of the draw, 1 if not given
${SEARCH_HELP}

Values are YAML, and may be whole sections:
--grid "schedule={kind: constant},{kind: cosine, warmUpEpochs: 2} clipNorm=null,1"`

const OPTIONS = {
  ...SEARCH_OPTIONS,
  grid: { type: 'string' },
  random: { type: 'string' },
  seed: { type: 'string' },
} as const

const MOST_TRIALS = 10_000

interface GridValues {
  readonly grid?: string | undefined
  readonly random?: string | undefined
  readonly seed?: string | undefined
}

/** The command `tune`. @throws ConfigError before anything runs; whatever `runSearch` throws */
export async function tune(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args, { help: HELP, options: OPTIONS, words: 0 })
  if (!given) return undefined
  const settingsOf = () => chooseSettings(given.values)
  return runSearch({ command: 'tune', settingsOf, describe }, given.values)
}

/** The combinations to try. */
function chooseSettings({ grid = '', random, seed }: GridValues): Settings[] {
  const axes = parseGrid(grid)
  if (random !== undefined) {
    const count = wholeNumber('--random', random, { least: 1, most: MOST_TRIALS })
    const start = wholeNumber('--seed', seed ?? '1', { least: 0, most: 2 ** 31 - 1 })
    return drawSettings(axes, count, seededRng(start, 'tune'))
  }
  if (seed !== undefined) throw new ConfigError('Expected --random beside --seed, received --seed alone. See --help.')
  return allSettings(axes)
}

function describe(config: string, results: readonly TrialResult[]): string {
  const [best] = ranked(results)
  const table = trialsTable(results)
  if (!best?.score) return table
  return `${table}\n\nThe best, for params.yaml:\n\n\`\`\`yaml\n${entryYaml(config, best.trial)}\n\`\`\``
}
