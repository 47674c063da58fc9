import { readArguments } from '../../command-line/arguments.ts'
import type { Params } from '../../command-line/params.ts'
import type { Settings } from './grid.ts'
import { runSearch, SEARCH_HELP, SEARCH_OPTIONS, wholeNumber } from './search.ts'
import { spreadLine, trialsTable } from './table.ts'
import type { TrialResult } from './trial.ts'

const HELP = `seeds: train a configuration with several seeds, and say how much its validation accuracy varies

usage: npm run seeds -- --config NAME --seeds N [options]
  --seeds N                                        how many, 5 if not given: its own seed and those that follow
${SEARCH_HELP}`

const OPTIONS = { ...SEARCH_OPTIONS, seeds: { type: 'string' } } as const
const MOST_SEEDS = 1000

/** What the seed of an entry changes, and what it leaves alone. */
const VARIES = `A seed changes the weights that training starts with, the order of the images, dropout, and the transforms drawn in each
step (augment.online); the split and the variants that augment made are the same.`

/** The command `seeds`. @throws ConfigError before anything runs; whatever `runSearch` throws */
export async function seeds(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args, { help: HELP, options: OPTIONS, words: 0 })
  if (!given) return undefined
  const count = wholeNumber('--seeds', given.values.seeds ?? '5', { least: 2, most: MOST_SEEDS })
  const settingsOf = (params: Params, config: string) => seedsFrom(params.models[config]?.seed ?? params.seed, count)
  return runSearch({ command: 'seeds', settingsOf, describe }, given.values)
}

function seedsFrom(first: number, count: number): Settings[] {
  return Array.from({ length: count }, (_, place) => [['seed', first + place]])
}

function describe(_config: string, results: readonly TrialResult[]): string {
  return [trialsTable(results), spreadLine(results), VARIES].filter((part) => part !== '').join('\n\n')
}
