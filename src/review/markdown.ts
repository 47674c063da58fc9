import { markdownTable } from 'markdown-table'
import type { ComparedImage } from '../scores/compare.ts'
import { capital, pluralize } from '../scores/format.ts'
import { describeChange, explainFreshness, explainGate, explainOwn, explainRegression } from './explain.ts'
import { literal } from './literal.ts'
import { reviewTable } from './results-table.ts'
import { conclusionOf, isStale, type Review } from './review.ts'
import { isSnapshot } from './snapshot.ts'

/** Newly wrong images that the verdict names; the table below has them all. */
const IMAGES_IN_VERDICT = 3
/** More newly wrong images than this are folded. */
const UNFOLDED_IMAGES = 10
/** The most rows of the tables of images and of parameters. */
const MAX_IMAGES = 200
const MAX_PARAMETERS = 40

const ABOUT_THE_TABLE =
  'In brackets: correct of all images, and the exact 95 % interval (Clopper-Pearson) in percent. ▲ ▼: change since the base, on the ' +
  'images that both have with the same label, of accuracies in percentage points. Validation chose the configuration, so its accuracy is optimistic; holdout chose nothing in this pull request.'

const ABOUT_THE_TEST =
  'The models are compared image by image, on the holdout and test images that both commits have: neither model was trained on ' +
  'them or chosen by them within this pull request. p (McNemar, mid-p, two-sided): the probability that two equally good models ' +
  'differ this much by chance. The interval of a difference matches p, given the number of images on which the two models ' +
  'disagree. How often a fall is found is computed for a head that fixes as many images by chance as here.'

export function reviewTitle(review: Review): string {
  const { gate, regression, freshness, notices } = review
  const conclusion = conclusionOf(review)
  if (conclusion !== 'failure') {
    return `Gate passed, ${PASSED_TITLES[regression.kind]}${conclusion === 'neutral' ? '; read the warnings' : ''}`
  }
  const failures = [
    ...(gate.misses.length > 0 ? ['the gate is missed'] : []),
    ...(regression.kind === 'worse' ? ['worse than the base'] : []),
    ...(regression.kind === 'maybe worse' ? ['not shown to be close to the base'] : []),
    ...(notices.some(({ level }) => level === 'failure') ? ['lines of records/ are removed'] : []),
    ...(isStale(freshness) ? [`results are ${freshness.state}`] : []),
  ].join(', ')
  return capital(failures)
}

const PASSED_TITLES = {
  'no base': 'no base to compare with',
  'too few': 'too few images to compare with the base',
  'no worse': 'not worse than the base',
  worse: '',
  'maybe worse': '',
} as const

export function formatReview(review: Review): string {
  const { base, baseName, head, freshness } = review
  const commit = literal(head.commit.slice(0, 10))
  const heading = isSnapshot(base)
    ? `${commit} compared with ${literal(baseName)} (${literal(base.commit.slice(0, 10))})`
    : commit
  const sections = [
    `## ${MARKS[conclusionOf(review)]} ${reviewTitle(review)}`,
    verdicts(review),
    `### Results of ${heading}`,
    reviewTable(review),
    ...imagesSection(review),
    ...parametersSection(review),
    ...(freshness.lines.length > 3 ? [folded('All stale parts', list(freshness.lines))] : []),
    folded('How to read this', `${ABOUT_THE_TABLE}\n\n${ABOUT_THE_TEST}`),
  ]
  return `${sections.join('\n\n')}\n`
}

const MARKS = { success: '✅', neutral: '⚠️', failure: '❌', note: '⚪', warning: '⚠️' } as const

function verdicts(review: Review): string {
  const { gate, regression, freshness, own, notices, hasBaseThresholds } = review
  const mark = (isGood: boolean, otherwise: keyof typeof MARKS = 'failure') => MARKS[isGood ? 'success' : otherwise]
  const compared = {
    worse: 'failure',
    'maybe worse': 'failure',
    'no worse': 'success',
    'too few': 'note',
    'no base': 'neutral',
  } as const
  const gateMark = gate.misses.length > 0 ? MARKS.failure : mark(hasBaseThresholds, 'neutral')
  return [
    `- ${gateMark} **Gate.** ${explainGate(review, literal)}`,
    `- ${MARKS[compared[regression.kind]]} **Compared with the base.** ${explainRegression(regression, review, literal, IMAGES_IN_VERDICT)}`,
    `- ${mark(!isStale(freshness))} **Up to date.** ${explainFreshness(review, literal)}`,
    ...(own
      ? [
          `- ${MARKS[own.changes.some(({ isWeaker }) => isWeaker) ? 'warning' : 'note']} **Thresholds.** ${explainOwn(own, literal)}`,
        ]
      : []),
    ...notices.map(({ level, title, describe }) => `- ${MARKS[level]} **${title}.** ${describe(literal)}`),
  ].join('\n')
}

function imagesSection({ regression }: Review): string[] {
  if (regression.kind === 'no base') return []
  const { comparison, before, after } = regression
  const { fixed, broken, relabelled, images } = comparison
  const newlyWrong = imagesTable(broken)
  return [
    '### Images',
    `${literal(after)} compared with ${literal(before)} on ${pluralize(images, 'holdout and test image')}: ${describeChange(regression)}.`,
    ...(broken.length > 0 && broken.length <= UNFOLDED_IMAGES ? ['**Newly wrong**', newlyWrong] : []),
    ...(broken.length > UNFOLDED_IMAGES ? [folded(`${broken.length} newly wrong`, newlyWrong)] : []),
    ...(fixed.length > 0 ? [folded(`${fixed.length} fixed`, imagesTable(fixed))] : []),
    ...(relabelled.length > 0
      ? [folded(`${relabelled.length} with a changed label, left out`, list(relabelled.slice(0, MAX_IMAGES)))]
      : []),
  ]
}

function imagesTable(images: readonly ComparedImage[]): string {
  const rows = images.map(({ id, label, before, after }) => [id, label, before, after].map(literal))
  return table(['Image', 'Label', 'Predicted before', 'Predicted now'], rows, MAX_IMAGES)
}

function parametersSection({ base, changes }: Review): string[] {
  if (!isSnapshot(base)) return []
  if (changes.length === 0) return ['### Parameters', 'None changed.']
  const value = (text: string | undefined) => (text === undefined ? '–' : literal(text))
  const rows = changes.map(({ path, before, after }) => [literal(path || 'all'), value(before), value(after)])
  const title = `### ${pluralize(changes.length, 'parameter')} changed`
  return [title, table(['Parameter', 'Before', 'Now'], rows, MAX_PARAMETERS)]
}

function table(header: readonly string[], rows: readonly (readonly string[])[], most: number): string {
  const text = markdownTable([header, ...rows.slice(0, most)], { alignDelimiters: false })
  return rows.length > most ? `${text}\n\nAnd ${rows.length - most} more.` : text
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${literal(line)}`).join('\n')
}

function folded(title: string, content: string): string {
  return `<details>\n<summary>${title}</summary>\n\n${content}\n\n</details>`
}
