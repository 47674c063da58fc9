import { markdownTable } from 'markdown-table'
import { stringify } from 'yaml'
import { code, escaped } from '../../core/markdown.ts'
import { spreadOf } from '../../records/seeds.ts'
import { MISSING, percent, points } from '../../scores/format.ts'
import { clopperPearson } from '../../scores/interval.ts'
import { valueAt } from '../pipeline.ts'
import type { Trial, TrialScores } from './trials.ts'

const COLUMNS = ['Validation', 'Loss', 'Epochs (best)', 'Experiment, or why it failed']

/** A Markdown table of trials, best first and failed ones last, with a column for each key that was set. */
export function trialsTable(keys: readonly string[], trials: readonly Trial[]): string {
  const rows = ranked(trials).map((trial) => [
    ...keys.map((key) => escaped(describeValue(valueAt(trial.entry, key)))),
    ...scoreCells(trial),
  ])
  const align = [...keys.map(() => 'l'), 'r', 'r', 'r', 'l']
  return markdownTable([[...keys, ...COLUMNS], ...rows], { align })
}

/** The entry of a trial as params.yaml has it, under `models`. */
export function entryYaml(config: string, { entry: { architecture, mode, ...rest } }: Trial): string {
  return stringify({ models: { [config]: { architecture, mode, ...rest } } }, { lineWidth: 0 }).trimEnd()
}

/** Mean, standard deviation (n - 1) and worst validation accuracy over seeds; empty when no trial has scores. */
export function spreadLine(trials: readonly Trial[]): string {
  const scored = ranked(trials).flatMap(({ scores, entry }) => (scores ? [{ ...scores, seed: entry.seed }] : []))
  const worst = scored.at(-1)
  if (worst === undefined) return ''
  const { mean, deviation } = spreadOf(scored.map(({ accuracy }) => accuracy))
  const shown = scored.length < 2 ? MISSING : points(deviation)
  return `validation over ${scored.length} seeds: mean ${percent(mean)}, standard deviation (n - 1) ${shown}, worst ${percent(worst.accuracy)} (seed ${worst.seed})`
}

/**
 * Says where the first two trials lie within noise: where the exact intervals of their validation accuracies overlap. Empty
 * where they do not, or where there are no two.
 *
 * @param images for validation, the same for every trial
 */
export function noiseLine(trials: readonly Trial[], images: number): string {
  const [first, second] = ranked(trials).flatMap(({ scores }) => {
    if (!scores || Number.isNaN(scores.accuracy)) return []
    const correct = Math.round(scores.accuracy * images)
    return [{ correct, ...clopperPearson(correct, images) }]
  })
  if (!first || !second || images === 0 || first.low > second.high) return ''
  const [best, next] = [first, second].map(
    ({ correct, low, high }) => `${correct} of ${images} (${percent(low)} to ${percent(high)})`,
  )
  return `The first and the second lie within noise: the 95 % intervals (Clopper-Pearson) of their validation accuracies overlap, ${best} and ${next}. More validation images, or several seeds (npm run seeds), can tell them apart.`
}

/** Best first: by accuracy, then by loss; failed trials last, and equal ones in their order. */
export function ranked(trials: readonly Trial[]): Trial[] {
  return [...trials].sort((a, b) => Number(isBetter(b.scores, a.scores)) - Number(isBetter(a.scores, b.scores)))
}

/** So written that NaN never wins and loses against any number. */
function isBetter(scores: TrialScores | undefined, than: TrialScores | undefined): boolean {
  if (scores === undefined || than === undefined) return scores !== undefined && than === undefined
  if (Number.isNaN(than.accuracy)) return !Number.isNaN(scores.accuracy)
  if (scores.accuracy !== than.accuracy) return scores.accuracy > than.accuracy
  return scores.loss < than.loss || (Number.isNaN(than.loss) && !Number.isNaN(scores.loss))
}

function scoreCells({ name, scores, reason }: Trial): string[] {
  if (scores === undefined) return [MISSING, MISSING, MISSING, escaped(reason)]
  const { accuracy, loss, epochs, best_epoch } = scores
  return [percent(accuracy), loss.toFixed(3), `${epochs} (${best_epoch})`, code(name)]
}

function describeValue(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? MISSING)
}
