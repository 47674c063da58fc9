import { markdownTable } from 'markdown-table'
import { stringify } from 'yaml'
import { code, escaped } from '../../core/markdown.ts'
import { MISSING, percent, points } from '../../scores/format.ts'
import { describeValue } from './grid.ts'
import { spreadOf } from './spread.ts'
import { ranked, type Trial, type TrialResult } from './trial.ts'

const SCORES = ['Validation', 'Loss', 'Epochs (best)', 'Experiment, or why there is no score']

/** A Markdown table of trials, best first, those that failed last; a column for each key that was set. */
export function trialsTable(results: readonly TrialResult[]): string {
  const keys = results[0]?.trial.settings.map(([key]) => key) ?? []
  const rows = ranked(results).map((result) => [
    ...result.trial.settings.map(([, value]) => escaped(describeValue(value))),
    ...scoreCells(result),
  ])
  const align = [...keys.map(() => 'l'), 'r', 'r', 'r', 'l']
  return markdownTable([[...keys, ...SCORES], ...rows], { align })
}

/** The entry of a trial as it stands in params.yaml, under `models`. */
export function entryYaml(config: string, { entry: { architecture, mode, ...rest } }: Trial): string {
  return stringify({ models: { [config]: { architecture, mode, ...rest } } }, { lineWidth: 0 }).trimEnd()
}

/** Mean, standard deviation and worst of the validation accuracies; empty when no trial has one. */
export function spreadLine(results: readonly TrialResult[]): string {
  const scored = ranked(results).flatMap(({ score, trial }) => (score ? [{ accuracy: score.accuracy, trial }] : []))
  const worst = scored.at(-1)
  if (worst === undefined) return ''
  const { mean, deviation } = spreadOf(scored.map(({ accuracy }) => accuracy))
  const spread = Number.isNaN(deviation) ? MISSING : points(deviation)
  const seed = describeValue(worst.trial.settings[0]?.[1])
  return `validation over ${scored.length} seeds: mean ${percent(mean)}, standard deviation (n - 1) ${spread}, worst ${percent(worst.accuracy)} (seed ${seed})`
}

function scoreCells({ trial, score, reason }: TrialResult): string[] {
  if (score === undefined) return [MISSING, MISSING, MISSING, escaped(reason.text)]
  const { accuracy, loss, epochs, bestEpoch } = score
  return [percent(accuracy), loss.toFixed(3), `${epochs} (${bestEpoch})`, code(trial.name)]
}
