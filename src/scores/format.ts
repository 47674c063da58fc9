import type { PartScores } from './scores.ts'

type Accuracy = Pick<PartScores, 'accuracy' | 'correct' | 'images'>
type AccuracyWithInterval = Accuracy & Pick<PartScores, 'ci_low' | 'ci_high'>

/** A cell without a number; the reason is given below the table. */
export const MISSING = '–'

/** A fraction as percent with one decimal, `97.8 %`; below 1 it never rounds up to 100.0. */
export function percent(fraction: number): string {
  return Number.isNaN(fraction) ? MISSING : `${tenths(fraction)} %`
}

/** A text for the browser, in which no line ends before a percent sign. */
export function unbroken(text: string): string {
  return text.replace(/(\d) %/g, '$1\u00a0%')
}

/** The counts behind an accuracy, `88/90`. */
export function counts({ correct, images }: Accuracy): string {
  return `${correct}/${images}`
}

/** Accuracy and counts, `97.8 % (88/90)`. */
export function accuracy(score: Accuracy): string {
  return `${percent(exactAccuracy(score))} (${counts(score)})`
}

/** Accuracy, counts and exact interval, `98.8 % (256/259, 96.7-99.8)`. */
export function accuracyWithInterval(score: AccuracyWithInterval): string {
  if (Number.isNaN(score.accuracy)) return MISSING
  return `${percent(exactAccuracy(score))} (${counts(score)}, ${interval(score)})`
}

/** The interval of an accuracy in percent, `96.7-99.8`. */
export function interval({ ci_low, ci_high }: AccuracyWithInterval): string {
  return `${tenths(ci_low)}-${tenths(ci_high)}`
}

/** A score in [0, 1] with three decimals, `0.969`; below 1 it never rounds up to 1.000. */
export function score(fraction: number): string {
  if (Number.isNaN(fraction)) return MISSING
  return (fraction < 1 ? Math.min(fraction, 0.999) : fraction).toFixed(3)
}

/** A score with its interval, `0.969 (0.938-0.992)`; without an interval that is a point, which says nothing. */
export function scoreWithInterval(fraction: number, low: number, high: number): string {
  return low < high ? `${score(fraction)} (${score(low)}-${score(high)})` : score(fraction)
}

/** A p-value, `0.031` or `< 0.001`. */
export function pValue(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3)
}

/** A whole number in groups of three, `1,234,567`. */
export function whole(count: number): string {
  return count.toLocaleString('en-US')
}

/** A count with its noun, `1 image`, `2 images`. */
export function pluralize(count: number, noun: string, plural = `${noun}s`): string {
  return `${whole(count)} ${count === 1 ? noun : plural}`
}

/** The first few, and how many more there are: `a, b, and 3 more`. */
export function firstOf(items: readonly string[], most: number, where = ''): string {
  const others = items.length - most
  return [...items.slice(0, most), ...(others > 0 ? [`and ${others} more${where}`] : [])].join(', ')
}

/** Names in a sentence, `cat and dog`, `cat, dog and horse`, or the first twenty and the number of the others. */
export function enumerated(names: readonly string[]): string {
  const most = 20
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ')
}

/** The difference of two fractions in percentage points, `3.3 points`. */
export function points(difference: number): string {
  return `${(difference * 100).toFixed(1)} points`
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** The accuracy from its counts, without the rounding of the file; NaN if there is none. */
export function exactAccuracy({ accuracy, correct, images }: Accuracy): number {
  return Number.isNaN(accuracy) ? Number.NaN : correct / images
}

function tenths(fraction: number): string {
  if (Number.isNaN(fraction)) return MISSING
  return (fraction < 1 ? Math.min(fraction * 100, 99.9) : fraction * 100).toFixed(1)
}
