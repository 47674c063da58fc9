import type { Mode } from '../config/schema.ts'

interface Want {
  readonly pictures: number
  readonly words: string
}

/** Pictures of each class that a mode wants, as the study found; a mode that nobody knows wants none. */
const WANTED: Readonly<Record<Mode, Want>> & Readonly<Record<string, Want | undefined>> = {
  zero: { pictures: 5000, words: 'training from zero' },
  'fine-tune': { pictures: 1000, words: 'fine-tuning' },
  transfer: { pictures: 0, words: 'transfer' },
}

/** Classes that a line names; the others are counted. */
const NAMED_CLASSES = 5

/**
 * Which classes have fewer pictures than the mode wants, the smallest first: `fewer pictures than the 1,000 a class that
 * fine-tuning wants: cat 240, dog 400`. Undefined when none has.
 *
 * @param pictures training pictures of each class, variants not counted
 */
export function describeShortage(mode: string, pictures: Readonly<Record<string, number>>): string | undefined {
  const wanted = WANTED[mode]
  const short = Object.entries(pictures)
    .filter(([, count]) => wanted && count < wanted.pictures)
    .sort(([a, fewer], [b, more]) => fewer - more || (a < b ? -1 : 1))
  if (!wanted || short.length === 0) return undefined
  const named = short.slice(0, NAMED_CLASSES).map(([name, count]) => `${name} ${whole(count)}`)
  const others = short.length - named.length
  const list = [...named, ...(others > 0 ? [`and ${others} more`] : [])].join(', ')
  return `fewer pictures than the ${whole(wanted.pictures)} a class that ${wanted.words} wants: ${list}`
}

function whole(count: number): string {
  return count.toLocaleString('en-US')
}
