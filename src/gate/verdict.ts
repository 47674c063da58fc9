import { readParams } from '../config/params.ts'
import { GateError } from '../core/errors.ts'
import { oneLine } from '../core/markdown.ts'
import { paths } from '../core/paths.ts'
import { accuracy, firstOf, percent, pluralize, points, whole } from '../scores/format.ts'
import { type Answer, isWrong } from '../scores/predictions.ts'
import { metricsOf, readScored, type Scored } from '../scores/results.ts'
import { type GatedPart, judge, type Miss, type Verdict } from './gate.ts'
import { gateSections, type Thresholds } from './params.ts'

/** Formats a name for its surroundings: as code in Markdown, as one safe line in a log. */
export type Quote = (name: string) => string

/** At most this many wrong images, and classes without images, are named; the others are counted. */
const NAMED_IMAGES = 5
const NAMED_CLASSES = 10

const MORE_IMAGES: Readonly<Record<GatedPart, string>> = {
  validation: 'Add labelled images with `npm run add -- DIR`, or raise split.validation.',
  test: 'Put more into `data/test/<label>/`; then `npm run add`, `npm run accept-test-set` and `npm run repro`.',
}

/** What to do about wrong images; improving a network by looking at test images would tune it on them. */
const WRONG_IMAGES: Readonly<Record<GatedPart, string>> = {
  validation: 'Check their labels, then fix the data or the configurations in params.yaml.',
  test: 'Check their labels only, and improve the configurations on validation: a test set they are tuned on proves nothing.',
}

const EMPTY: Readonly<Record<GatedPart | 'train', string>> = {
  train: 'Add images of each with `npm run add -- DIR`, or remove the class.',
  validation: 'Add images of each with `npm run add -- DIR`, or raise split.validation.',
  test: `Only test images show how well they are recognized. ${MORE_IMAGES.test}`,
}

/** The missed thresholds, by how much, and the wrong images; empty when the gate is passed. */
export function explainMisses(...given: Parameters<typeof listMisses>): string {
  return listMisses(...given).join(' ')
}

/** The same as Markdown: a single reason, or a list with its length. */
export function explainMissesInMarkdown(...given: Parameters<typeof listMisses>): string {
  const reasons = listMisses(...given)
  if (reasons.length < 2) return reasons.join('')
  return [`${pluralize(reasons.length, 'reason')}:`, '', ...reasons.map((reason) => `- ${reason}`)].join('\n')
}

/** What was missed in a few words, `test accuracy 96.7 % (29/30), below 100.0 %; 30 test images, fewer than 1,000`. */
export function nameMisses({ misses }: Verdict, quote: Quote = oneLine): string {
  return misses.map((miss) => nameMiss(miss, quote)).join('; ')
}

function nameMiss(miss: Miss, quote: Quote): string {
  switch (miss.kind) {
    case 'nothing to choose':
      return 'no configuration has a validation accuracy'
    case 'too few images':
      return `${pluralize(miss.images, `${miss.part} image`)}, fewer than ${whole(miss.expected)}`
    case 'empty class':
      return `no ${miss.part === 'train' ? 'training' : miss.part} images of ${firstOf(miss.classes.map(quote), NAMED_CLASSES)}`
    case 'not a number':
      return `${quote(miss.configuration)} has no numbers on the ${miss.part} images`
    case 'accuracy':
      return `${miss.part} accuracy ${accuracy(miss.score)}, below ${percent(miss.expected)}`
  }
}

/** What was missed and what to do about it, a line per miss. */
export function listMisses(
  { chosen = '', misses }: Verdict,
  scored: Readonly<Record<string, Scored>>,
  quote: Quote = oneLine,
): string[] {
  const images = scored[chosen]?.predictions ?? []
  return misses.map((miss) => explain(miss, quote(chosen), images, quote))
}

/** Result of a passed gate, `original-zero, validation 97.8 % (88/90), test 100.0 % (30/30)`. @throws GateError otherwise. */
export function requirePassed(verdict: Verdict, scored: Readonly<Record<string, Scored>>): string {
  const metrics = scored[verdict.chosen ?? '']?.metrics
  if (verdict.misses.length > 0 || !metrics) throw missedError(verdict, scored)
  return `${verdict.chosen}, validation ${accuracy(metrics.validation)}, test ${accuracy(metrics.test)}`
}

/** The verdict for programs, as JSON: whether the gate is passed, and the configuration that it judged. */
export function formatVerdict({ chosen, misses }: Verdict, mark: { experiment?: true } = {}): string {
  return `${JSON.stringify({ passed: misses.length === 0, chosen: chosen ?? null, ...mark }, null, 2)}\n`
}

/** What the chosen configuration of a passed gate reaches, `net reaches 97.8 % (88/90) on validation and … on test`. */
export function describeChosen(
  { chosen = '' }: Verdict,
  scored: Readonly<Record<string, Scored>>,
  quote: Quote,
): string {
  const metrics = scored[chosen]?.metrics
  if (!metrics) return ''
  return `${quote(chosen)} reaches ${accuracy(metrics.validation)} on validation and ${accuracy(metrics.test)} on test`
}

export function missedError(...given: Parameters<typeof listMisses>): GateError {
  const reasons = listMisses(...given)
  if (reasons.length < 2) return new GateError(reasons.join(''))
  const lines = reasons.map((reason) => `- ${reason}`)
  return new GateError([`Expected the gate to be passed, received ${reasons.length} misses:`, ...lines].join('\n'))
}

function explain(miss: Miss, name: string, images: readonly Answer[], quote: Quote): string {
  switch (miss.kind) {
    case 'nothing to choose':
      return `Expected a configuration with a validation accuracy, received none from ${miss.configurations.map(quote).join(', ') || 'no configuration'}. Check validation in metrics.json and train again.`
    case 'too few images':
      return `Expected at least ${pluralize(miss.expected, `${miss.part} image`)} (gate.${minimumKey(miss.part)}), received ${miss.images}. ${MORE_IMAGES[miss.part]}`
    case 'empty class':
      return `Expected ${miss.part} images of every class, received none of ${firstOf(miss.classes.map(quote), NAMED_CLASSES)}. ${EMPTY[miss.part]}`
    case 'not a number':
      return `Expected numbers for ${quote(miss.configuration)} on the ${miss.part} images, received none for ${miss.metrics.join(', ')}. Train it again with a lower learning rate, or remove it from params.yaml.`
    case 'accuracy': {
      const expected = `Expected ${name} to reach ${percent(miss.expected)} on the ${miss.part} images (gate.${miss.part})`
      const shortfall = `${points(miss.expected - miss.score.correct / miss.score.images)} or ${pluralize(miss.short, 'image')} short`
      return `${expected}, received ${accuracy(miss.score)}, ${shortfall}. Wrong: ${wrongImages(images, miss.part, quote)}. ${WRONG_IMAGES[miss.part]}`
    }
  }
}

function wrongImages(images: readonly Answer[], part: GatedPart, quote: Quote): string {
  const wrong = images.filter((image) => image.part === part && isWrong(image))
  const named = wrong.map(({ id, prediction }) => `${quote(id)} taken for ${quote(prediction)}`)
  return firstOf(named, NAMED_IMAGES, ` in ${paths.resultsPredictions}`)
}

export function minimumKey(part: GatedPart): 'minValidationImages' | 'minTestImages' {
  return part === 'validation' ? 'minValidationImages' : 'minTestImages'
}

/** The gate's verdict on results/, and the scores that it is based on. @throws DataError when a file is missing */
export async function readJudged({ gate, models }: { readonly gate: Thresholds; readonly models: object }) {
  const scored = await readScored(Object.keys(models))
  return { scored, gate: judge(metricsOf(scored), gate) }
}

/**
 * What the gate says of the results, and where they are; DVC skips the gate where nothing changed.
 *
 * @throws GateError when a threshold is missed.
 */
export async function describeOutcome(): Promise<string> {
  const { scored, gate } = await readJudged(await readParams(gateSections))
  return `gate passed: ${requirePassed(gate, scored)}; the results are in ${paths.resultsReadme}`
}
