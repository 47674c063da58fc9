import { formatCsv } from '../../core/csv.ts'
import { percent, pluralize } from '../../scores/format.ts'
import { type CalibratedImage, type EvaluatedPart, isWrong } from '../../scores/predictions.ts'
import { code, link, paragraph, type Section, section, table, text, view } from '../document.ts'

/** Above this calibrated probability, a wrong prediction is either a bad mistake or a wrong label. */
const SURE = 0.99

/** Candidates that the table lists; label-candidates.csv has all of them. */
const LISTED = 20

/** An image whose label may be wrong. */
export interface Candidate {
  readonly id: string
  readonly part: EvaluatedPart
  readonly label: string
  /** What the chosen configuration predicts, and its calibrated probability. */
  readonly prediction: string
  readonly probability: number
  /** sure: the chosen configuration is wrong with a probability over 0.99; everyone: no configuration predicts the label. */
  readonly reason: 'sure' | 'everyone' | 'sure and everyone'
}

const REASONS: Readonly<Record<Candidate['reason'], string>> = {
  sure: 'over 99 % sure',
  everyone: 'no configuration is right',
  'sure and everyone': 'over 99 % sure, and no configuration is right',
}

/**
 * Images on which the chosen configuration is wrong with a probability over 0.99, and those that all of several
 * configurations get wrong, the surest first.
 *
 * @param predictions of each configuration, by name, with probabilities in the order of `classes`
 */
export function labelCandidates(
  predictions: Readonly<Record<string, readonly CalibratedImage[]>>,
  { chosen, classes }: { readonly chosen: string; readonly classes: readonly string[] },
): Candidate[] {
  const names = Object.keys(predictions)
  const wrong = names.map((name) => new Set((predictions[name] ?? []).filter(isWrong).map(({ id }) => id)))
  const candidates = (predictions[chosen] ?? []).filter(isWrong).flatMap((image): Candidate[] => {
    const probability = image.calibrated[classes.indexOf(image.prediction)] ?? Number.NaN
    const sure = probability > SURE
    const everyone = names.length > 1 && wrong.every((ids) => ids.has(image.id))
    if (!sure && !everyone) return []
    const { id, part, label, prediction } = image
    const reason = sure && everyone ? 'sure and everyone' : sure ? 'sure' : 'everyone'
    return [{ id, part, label, prediction, probability, reason }]
  })
  return candidates.sort((a, b) => b.probability - a.probability || (a.id < b.id ? -1 : 1))
}

export function labelsSection(candidates: readonly Candidate[], chosen: string): Section {
  const head = { id: 'labels', title: 'Labels worth checking', short: 'Labels' }
  if (candidates.length === 0) return section(head, [paragraph(NONE)])
  const more = candidates.length - LISTED
  const rows = candidates
    .slice(0, LISTED)
    .map(({ id, part, label, prediction, probability, reason }) => [
      code(id),
      part,
      label,
      prediction,
      percent(probability),
      REASONS[reason],
    ])
  const header = ['Image', 'Part', 'Label', text`Predicted by ${code(chosen)}`, 'Probability', 'Why']
  return section(head, [
    paragraph(
      text`${pluralize(candidates.length, 'image')} of validation, holdout and test may have a wrong label: ${code(chosen)} predicts another class with a calibrated probability over 99 %, or no configuration predicts the label. Nothing was left out for this: look at the images and correct the labels that are wrong.`,
    ),
    view('labels', '', [table('Images whose label may be wrong', header, rows, { words: [0, 1, 2, 3, 5] })]),
    ...(more > 0
      ? [
          paragraph(
            text`${pluralize(more, 'more is', 'more are')} listed in ${link('label-candidates.csv', 'label-candidates.csv')}.`,
          ),
        ]
      : []),
  ])
}

const NONE =
  'None: the chosen configuration gets no image wrong with a calibrated probability over 99 %, and no image is wrong for all of several configurations.'

/** The text of results/label-candidates.csv: a line per candidate, probabilities with six decimals. */
export function formatCandidates(candidates: readonly Candidate[]): string {
  const rows = candidates.map((candidate) => ({ ...candidate, probability: candidate.probability.toFixed(6) }))
  return formatCsv(['id', 'part', 'label', 'prediction', 'probability', 'reason'], rows, { forPeople: true })
}
