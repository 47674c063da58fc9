import { markdownTable } from 'markdown-table'
import type { Difference } from '../command-line/differences.ts'
import { pluralize } from '../scores/format.ts'
import { folded } from './folded.ts'
import { imagesSection } from './images.ts'
import { literal } from './literal.ts'
import { reviewTable } from './results-table.ts'
import { isPassed, type Review } from './review.ts'
import { isSnapshot } from './snapshot.ts'
import { explainGate, explainRegression, explainStanding } from './words.ts'

/** Images that the verdict names; a table below has all of them. */
const NAMED_IN_VERDICT = 3

/** Parameters that a table names. */
const NAMED_PARAMETERS = 40

const ABOUT_THE_TABLE =
  'In brackets: images that are right of how many, and the exact 95 % interval (Clopper-Pearson) in percent. ▲ ▼: points of ' +
  'percent against the same configuration of the base. Validation chose the configuration, so it flatters; holdout chose nothing.'

/** One line on a review, for the title of a check. */
export function reviewTitle(review: Review): string {
  const { gate, regression, standing } = review
  const failed = [
    ...(gate.misses.length > 0 ? ['the gate is missed'] : []),
    ...(regression.kind === 'worse' ? ['worse than the base'] : []),
    ...(standing.state === 'stale' ? ['results are stale'] : []),
    ...(standing.state === 'broken' ? ['results are broken'] : []),
  ]
  if (!isPassed(review)) return capital(failed.join(', '))
  const beside = {
    'no base': 'no base to compare with',
    'too few': 'too few images to compare with the base',
    'no worse': 'not worse than the base',
    worse: '',
  }
  return `Gate passed, ${beside[regression.kind]}`
}

/** What a reviewer reads, as Markdown: verdict, results beside the base's, parameters, images, and the rest folded away. */
export function formatReview(review: Review): string {
  const { base, baseName, head } = review
  const beside = isSnapshot(base)
    ? `${literal(head.commit.slice(0, 10))} beside ${literal(baseName)} (${literal(base.commit.slice(0, 10))})`
    : literal(head.commit.slice(0, 10))
  const sections = [
    `## ${isPassed(review) ? '✅' : '❌'} ${reviewTitle(review)}`,
    verdicts(review),
    `### Results of ${beside}`,
    reviewTable(review),
    ...imagesSection(review),
    ...parametersSection(review),
    ...(review.standing.lines.length > 3
      ? [folded('All that is stale', review.standing.lines.map((line) => `- ${literal(line)}`).join('\n'))]
      : []),
    folded('How to read this', [ABOUT_THE_TABLE, ABOUT_THE_TEST].join('\n\n')),
  ]
  return `${sections.join('\n\n')}\n`
}

const ABOUT_THE_TEST =
  'Images are compared one by one, on holdout and test images that both commits have: neither model was trained on them or ' +
  'chosen by them. p (McNemar, exact, two-sided): how often chance alone parts two equally good models that far. The interval of ' +
  'a difference is exact for the number of images on which the two part.'

function verdicts(review: Review): string {
  const { gate, regression, standing } = review
  const mark = (isGood: boolean, isSaid = true) => (isSaid ? (isGood ? '✅' : '❌') : '⚪')
  const isCompared = regression.kind === 'worse' || regression.kind === 'no worse'
  const lines = [
    `${mark(gate.misses.length === 0)} **Gate.** ${explainGate(review, literal)}`,
    `${mark(regression.kind !== 'worse', isCompared)} **Beside the base.** ${explainRegression(regression, review, literal, NAMED_IN_VERDICT)}`,
    `${mark(standing.state === 'up to date', standing.state !== 'unknown')} **Up to date.** ${explainStanding(review, literal)}`,
  ]
  return lines.map((line) => `- ${line}`).join('\n')
}

function parametersSection({ base, changes }: Review): string[] {
  if (!isSnapshot(base)) return []
  if (changes.length === 0) return ['### Parameters', 'None changed.']
  const shown = changes.slice(0, NAMED_PARAMETERS)
  const rows = shown.map((each) => [literal(each.path || 'all'), value(each, 'before'), value(each, 'after')])
  const others = changes.length - shown.length
  return [
    `### ${capital(pluralize(changes.length, 'parameter'))} changed`,
    markdownTable([['Parameter', 'Base', 'Here'], ...rows], { alignDelimiters: false }),
    ...(others > 0 ? [`And ${others} more.`] : []),
  ]
}

function value(difference: Difference, side: 'before' | 'after'): string {
  const text = difference[side]
  return text === undefined ? '–' : literal(text)
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
