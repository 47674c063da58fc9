import { markdownTable } from 'markdown-table'
import { formatCsv } from '../core/csv.ts'
import { code, escaped } from '../core/markdown.ts'
import { percent, pluralize } from '../scores/format.ts'
import type { Candidate } from './label-trouble.ts'

/** Candidates that the page lists; all of them stand in label-candidates.csv. */
const LISTED = 20

const REASONS: Readonly<Record<Candidate['reason'], string>> = {
  sure: 'it is sure',
  everyone: 'no configuration is right',
  'sure and everyone': 'it is sure, and no configuration is right',
}

/** Images whose label a person may want to look at. */
export function candidatesSection(candidates: readonly Candidate[], chosen: string): string[] {
  if (candidates.length === 0) return ['## Labels to look at', NONE]
  const rows = candidates.slice(0, LISTED).map(({ id, part, label, prediction, probability, reason }) => {
    return [code(id), part, escaped(label), escaped(prediction), percent(probability), REASONS[reason]]
  })
  const header = ['Image', 'Part', 'Label', `Taken for by ${code(chosen)}`, 'Probability', 'Why']
  const more = candidates.length - LISTED
  return [
    '## Labels to look at',
    `${pluralize(candidates.length, 'image')} of validation, holdout and test may have a wrong label: ${code(chosen)} takes them for something else with a calibrated probability over 99 %, or no configuration takes them for what the label says. None was dropped: look at them, and mend the label or leave it.`,
    markdownTable([header, ...rows], { align: ['l', 'l', 'l', 'l', 'r', 'l'] }),
    ...(more > 0 ? [`And ${more} more in [label-candidates.csv](label-candidates.csv).`] : []),
  ]
}

const NONE =
  'None: no wrong answer of the chosen configuration has a calibrated probability over 99 %, and no image is wrong in all of several configurations.'

/** The text of results/label-candidates.csv, a line a candidate; probabilities with six decimals. */
export function formatCandidates(candidates: readonly Candidate[]): string {
  const rows = candidates.map((candidate) => ({ ...candidate, probability: candidate.probability.toFixed(6) }))
  return formatCsv(['id', 'part', 'label', 'prediction', 'probability', 'reason'], rows)
}
