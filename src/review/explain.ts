import { GateError } from '../core/errors.ts'
import { describeChosen, explainMissesInMarkdown, listMisses, type Quote } from '../gate/verdict.ts'
import { firstOf, percent, pluralize, pValue } from '../scores/format.ts'
import { logLine } from './literal.ts'
import { describePower, isFailed, leastDifference, type ModelComparison, type Regression } from './regression.ts'
import { conclusionOf, isStale, type Review } from './review.ts'

/** Images, and faults, that a sentence names; the others are counted. */
const NAMED_IMAGES = 10
const NAMED_FAULTS = 3
/** Faults that the list in a terminal names. */
const LISTED_FAULTS = 8

export function explainGate({ gate, scored, thresholds, hasBaseThresholds, baseName }: Review, quote: Quote): string {
  const ofItself = 'there is no base with thresholds'
  if (gate.misses.length > 0) {
    const reasons = explainMissesInMarkdown(gate, scored, quote).replaceAll('\n-', '\n  -')
    return hasBaseThresholds ? reasons : `By its own thresholds, since ${ofItself}: ${reasons}`
  }
  const whose = hasBaseThresholds ? `the gate of ${quote(baseName)} requires` : `${ofItself}; its own are`
  return `${describeChosen(gate, scored, quote)}; ${whose} ${percent(thresholds.validation)} and ${percent(thresholds.test)}.`
}

/** The changed thresholds, and the verdict by them. */
export function explainOwn({ changes, gate, regression }: NonNullable<Review['own']>, quote: Quote): string {
  const list = changes.map(
    ({ path, before, after, isWeaker }) =>
      `gate.${path} ${quote(before ?? 'none')} → ${quote(after ?? 'none')} (${isWeaker ? 'weaker' : 'stricter'})`,
  )
  const compared = {
    'no base': 'nothing to compare with',
    worse: 'worse',
    'maybe worse': 'not shown to be close',
    'too few': 'too few images',
    'no worse': 'not worse',
  }
  return `This commit changes ${list.join(', ')}. By its own thresholds: gate ${gate.misses.length === 0 ? 'passed' : 'missed'}, ${compared[regression.kind]}. They do not count here.`
}

/** @param most newly wrong images that the sentence names */
export function explainRegression(
  regression: Regression,
  { thresholds, baseName }: Review,
  quote: Quote,
  most = NAMED_IMAGES,
): string {
  if (regression.kind === 'no base') {
    return `Passed without a comparison: there is no base to compare with (${quote(regression.reason)}).`
  }
  const { before, after, comparison } = regression
  const { images, relabelled, broken } = comparison
  const { alpha, minImages, margin = 0 } = thresholds.regression
  const base = `${quote(before)} of ${quote(baseName)}`
  const shared = pluralize(images, 'shared holdout and test image')
  const outcome = describeChange(regression)
  const note = relabelled.length > 0 ? ` ${pluralize(relabelled.length, 'image')} with a changed label left out.` : ''
  switch (regression.kind) {
    case 'too few':
      return `Passed without a verdict: ${quote(after)} and ${base} have ${shared}, fewer than ${minImages} (gate.regression.minImages): ${outcome}.${note}`
    case 'no worse':
      return `${quote(after)} is not significantly worse than ${base} on ${shared}: ${outcome} (gate.regression.alpha ${alpha}; ${describePower(regression, alpha)}).${note}`
    case 'maybe worse':
      return `Expected ${quote(after)} to be worse than ${base} by less than ${margin} on ${shared} (gate.regression.margin), received ${outcome}: it may be ${signedPoints(leastDifference(comparison.counts, alpha))} points (gate.regression.alpha ${alpha}). More holdout and test images show more.${note}`
    case 'worse': {
      const names = broken.map((image) => `${quote(image.id)} taken for ${quote(image.after)}`)
      return `Expected ${quote(after)} to be no worse than ${base} on ${shared} (gate.regression.alpha ${alpha}), received ${outcome}. Newly wrong: ${firstOf(names, most)}. Check the labels of these images, then improve the data or the configurations in params.yaml, judged on validation.${note}`
    }
  }
}

export function explainFreshness({ freshness: { state, lines } }: Review, quote: Quote): string {
  if (state === 'up to date') {
    return 'dvc.lock, results/ and records/ agree with each other and with the committed code, parameters and pin. That does not show that anyone trained; `npm run certify` trains again.'
  }
  return `${pluralize(lines.length, 'fault')}: ${firstOf(lines.map(quote), NAMED_FAULTS)}`
}

/** The message of a review that passed, with its warnings, a line each. @throws GateError with every reason that it failed, one line each */
export function requireReviewPassed(review: Review): string {
  const { gate, regression, freshness, notices } = review
  const comparison = explainRegression(regression, review, logLine)
  if (conclusionOf(review) !== 'failure') {
    const warnings = listWarnings(review, logLine).map((line) => `\n  - ${line}`)
    return `passed${warnings.length > 0 ? ' with warnings' : ''}: ${explainGate(review, logLine)} ${comparison}${warnings.join('')}`
  }
  const failures = [
    ...listMisses(gate, review.scored, logLine),
    ...(isFailed(regression) ? [comparison] : []),
    ...notices.filter(({ level }) => level === 'failure').map(({ describe }) => describe(logLine)),
    ...(isStale(freshness) ? listFaults(freshness.lines) : []),
  ]
  throw new GateError(failures.join('\n'))
}

function listWarnings({ own, notices }: Review, quote: Quote): string[] {
  const warnings = notices.filter(({ level }) => level === 'warning')
  return [
    ...(own?.changes.some(({ isWeaker }) => isWeaker) ? [`Thresholds: ${explainOwn(own, quote)}`] : []),
    ...warnings.map(({ title, describe }) => `${title}: ${describe(quote)}`),
  ]
}

function listFaults(lines: readonly string[]): string[] {
  const others = lines.length - LISTED_FAULTS
  return [
    `Expected dvc.lock and results/ to match what is committed, received ${pluralize(lines.length, 'fault')}. Run \`npm run repro\` and commit its changes.`,
    ...lines.slice(0, LISTED_FAULTS).map((line) => `  - ${logLine(line)}`),
    ...(others > 0 ? [`  - and ${others} more, listed by \`npm run verify\``] : []),
  ]
}

/** `3 fixed, 1 newly wrong, +1.7 points (−1.2 to +3.1), p = 0.625`, with the 95 % interval. */
export function describeChange({ comparison, difference: { difference, interval, p } }: ModelComparison): string {
  const { fixed, broken, images, counts } = comparison
  const range =
    fixed.length + broken.length > 0 ? ` (${signedPoints(interval.low)} to ${signedPoints(interval.high)})` : ''
  const counted =
    counts.images < images
      ? ` (with near duplicates counted once: ${counts.fixed} and ${counts.broken} of ${counts.images})`
      : ''
  return `${fixed.length} fixed, ${broken.length} newly wrong${counted}, ${signedPoints(difference)} points${range}, p ${p < 0.001 ? 'below 0.001' : `= ${pValue(p)}`}`
}

/** A difference of fractions in percentage points, `+1.7`; `±0.0` only for no difference at all. */
export function signedPoints(difference: number): string {
  return signed(difference, (100 * Math.abs(difference)).toFixed(1))
}

/** The sign of a difference before its rounded size. */
export function signed(difference: number, size: string): string {
  return `${difference === 0 ? '±' : difference > 0 ? '+' : '−'}${size}`
}
