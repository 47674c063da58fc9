import { GateError } from '../core/errors.ts'
import { explainMisses, listMisses } from '../gate/verdict.ts'
import { accuracy, percent, pluralize, points, pValue } from '../scores/format.ts'
import { metricsOf } from '../scores/results.ts'
import { logLine } from './literal.ts'
import type { Compared, Regression } from './regression.ts'
import { isPassed, type Review } from './review.ts'
import type { Standing } from './standing.ts'

/** Images that a line names; the others are counted. */
const NAMED_IMAGES = 10

/** Faults that a sentence names, and a list at a terminal. */
const NAMED_LINES = 3
const LISTED_LINES = 8

/** How a name is written in the text around it: as code in Markdown, as it is in a log. */
export type Quote = (name: string) => string

/** What the gate says. */
export function explainGate({ gate, scored, params }: Review, quote: Quote): string {
  if (gate.misses.length > 0) return explainMisses(gate, scored, quote)
  const { validation, test } = metricsOf(scored)[gate.chosen ?? ''] ?? {}
  if (!validation || !test) return ''
  const asked = `the gate asks for ${percent(params.gate.validation)} and ${percent(params.gate.test)}`
  return `${quote(gate.chosen ?? '')} reaches ${accuracy(validation)} on validation and ${accuracy(test)} on test; ${asked}.`
}

/** How the chosen model does beside the base's; names so many of the images that are newly wrong. */
export function explainRegression(
  regression: Regression,
  { params, baseName }: Review,
  quote: Quote,
  most = NAMED_IMAGES,
): string {
  const { alpha, minImages } = params.gate.regression
  if (regression.kind === 'no base') {
    return `Passed without a comparison: there is no base (${quote(regression.reason)}).`
  }
  const { before, after, comparison } = regression
  const { images, relabelled } = comparison
  const models = `${quote(after)} beside ${quote(before)} of ${quote(baseName)}`
  const outcome = `${counted(regression)}, p = ${pValue(regression.difference.p)}`
  const note =
    relabelled.length > 0 ? ` ${pluralize(relabelled.length, 'image')} with another label than before left out.` : ''
  switch (regression.kind) {
    case 'too few':
      return `Passed without a verdict: ${models} on ${pluralize(images, 'image')} that both have (holdout and test), and fewer than ${minImages} (gate.regression.minImages) say nothing: ${outcome}.${note}`
    case 'no worse':
      return `${models} on ${pluralize(images, 'image')} that both have (holdout and test): ${outcome}; not significantly worse (gate.regression.alpha ${alpha}).${note}`
    case 'worse':
      return `Expected ${quote(after)} to be no worse than ${quote(before)} of ${quote(baseName)} on the ${pluralize(images, 'image')} that both have (gate.regression.alpha ${alpha}), received ${outcome}. Newly wrong: ${namedImages(regression, quote, most)}. Look at these, then mend the data or the configurations in params.yaml, judged on validation.${note}`
  }
}

/** Whether dvc.lock and results/ belong to what is committed. */
export function explainStanding({ standing: { state, lines } }: Review, quote: Quote): string {
  if (state === 'up to date') return 'dvc.lock and results/ belong to what is committed.'
  if (state === 'unknown') return `Not looked at: ${lines.join(' ')}`
  return `${pluralize(lines.length, 'fault')}: ${listed(lines.map(quote), NAMED_LINES)}`
}

/** One line on a review that passed. @throws GateError with all that failed: a line each, and a list of what is stale. */
export function requireReviewPassed(review: Review): string {
  const { gate, regression, standing } = review
  const said = [explainGate(review, logLine), explainRegression(regression, review, logLine)]
  if (isPassed(review)) return ['passed:', ...said].join(' ')
  const failed = [
    ...listMisses(gate, review.scored, logLine),
    ...(regression.kind === 'worse' ? said.slice(1) : []),
    ...(['stale', 'broken'].includes(standing.state) ? listStanding(standing) : []),
  ]
  throw new GateError(failed.join('\n'))
}

/** What is wrong with a standing, for a terminal. */
function listStanding({ lines }: Standing): string[] {
  const others = lines.length - LISTED_LINES
  return [
    `Expected dvc.lock and results/ to belong to what is committed, received ${pluralize(lines.length, 'fault')}. Run \`npm run repro\` and commit what it writes.`,
    ...lines.slice(0, LISTED_LINES).map((line) => `  - ${logLine(line)}`),
    ...(others > 0 ? [`  - and ${others} more, which \`npm run verify\` names`] : []),
  ]
}

/** `3 fixed, 1 newly wrong, +1.7 points (-1.2 to +3.1)`: the interval is of 95 %. */
export function counted({ comparison: { fixed, broken }, difference: { difference, interval } }: Compared): string {
  const range = fixed.length + broken.length > 0 ? ` (${signed(interval.low)} to ${signed(interval.high)})` : ''
  return `${fixed.length} fixed, ${broken.length} newly wrong, ${signed(difference)} points${range}`
}

/** A difference of fractions in points of percent with its sign, `+1.7`; `±0.0` where there is none. */
export function signed(difference: number): string {
  const size = points(Math.abs(difference)).split(' ')[0] ?? ''
  if (Number(size) === 0) return difference === 0 ? '±0.0' : difference > 0 ? '+0.0' : '−0.0'
  return `${difference > 0 ? '+' : '−'}${size}`
}

function namedImages({ comparison: { broken }, images }: Compared, quote: Quote, most: number): string {
  const names = broken.map((id) => `${quote(id)} taken for ${quote(images[id]?.after ?? '')}`)
  return listed(names, most)
}

function listed(items: readonly string[], most: number): string {
  const others = items.length - most
  return [...items.slice(0, most), ...(others > 0 ? [`and ${others} more`] : [])].join(', ')
}
