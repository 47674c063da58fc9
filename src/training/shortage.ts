import type { Mode } from '../config/schema.ts'

/** Pictures of each class that a mode wants, as the study found. */
const WANTED: Readonly<Record<Mode, number>> = { zero: 5000, 'fine-tune': 1000, transfer: 0 }

const MODE_WORDS: Readonly<Record<Mode, string>> = {
  zero: 'training from zero',
  'fine-tune': 'fine-tuning',
  transfer: 'transfer',
}

/** Classes that a line names; the others are counted. */
const NAMED_CLASSES = 5

/**
 * Which classes have fewer pictures than the mode wants, the smallest first: `fewer pictures than the 1,000 a class that
 * fine-tuning wants: cat 240, dog 400`. Undefined when none has.
 *
 * @param pictures training pictures of each class, variants not counted
 */
export function describeShortage(mode: Mode, pictures: Readonly<Record<string, number>>): string | undefined {
  const short = Object.entries(pictures)
    .filter(([, count]) => count < WANTED[mode])
    .sort(([a, fewer], [b, more]) => fewer - more || (a < b ? -1 : 1))
  if (short.length === 0) return undefined
  const named = short.slice(0, NAMED_CLASSES).map(([name, count]) => `${name} ${count.toLocaleString('en-US')}`)
  const others = short.length - named.length
  const list = [...named, ...(others > 0 ? [`and ${others} more`] : [])].join(', ')
  return `fewer pictures than the ${WANTED[mode].toLocaleString('en-US')} a class that ${MODE_WORDS[mode]} wants: ${list}`
}
