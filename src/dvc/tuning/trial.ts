import { sha256 } from '../../core/files.ts'
import type { TrialEntry } from './entry.ts'
import { describeSettings, describeValue, type Settings } from './grid.ts'
import type { Reason } from './reason.ts'
import { isBetter, type TrialScore } from './score.ts'

/** One training of a search: a DVC experiment of that name. */
export interface Trial extends TrialEntry {
  readonly name: string
  readonly settings: Settings
}

/** What came of a trial: its score, or why it has none. */
export type TrialResult = { readonly trial: Trial } & (
  | { readonly score: TrialScore; readonly reason?: undefined }
  | { readonly score?: undefined; readonly reason: Reason }
)

const NAME_LENGTH = 100
const DIGEST_LENGTH = 8

/** What the names of all experiments of a search begin with; names of configurations hold no underscore. */
export function namePrefix(command: string, config: string): string {
  return `${command}_${config}_`
}

/**
 * The trial of some settings. Its name says them, and ends with a digest of them and of `inputs`, all else that the training
 * depends on: the same name is the same training.
 */
export function trialOf(prefix: string, inputs: string, settings: Settings, entry: TrialEntry): Trial {
  const digest = sha256(JSON.stringify([inputs, entry.entry, describeSettings(settings)])).slice(0, DIGEST_LENGTH)
  const words = settings.map(([key, value]) => `${key}=${describeValue(value)}`.replaceAll(/[^\w.=-]+/g, '-'))
  const readable = `${prefix}${words.join('_')}`.replaceAll(/\.{2,}/g, '.').slice(0, NAME_LENGTH)
  return { ...entry, settings, name: `${readable}_${digest}` }
}

/** Best first, those that failed last; what is equal stays in its order. */
export function ranked(results: readonly TrialResult[]): TrialResult[] {
  return [...results].sort((a, b) => {
    if (a.score === undefined || b.score === undefined)
      return Number(a.score === undefined) - Number(b.score === undefined)
    return Number(isBetter(b.score, a.score)) - Number(isBetter(a.score, b.score))
  })
}
