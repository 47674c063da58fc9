import type { Mode } from '../network/params.ts'

interface Want {
  readonly images: number
  readonly words: string
}

/** Images of each class that a mode wants, as the study found; a mode that nobody knows wants none. */
const WANTED: Readonly<Record<Mode, Want>> & Readonly<Record<string, Want | undefined>> = {
  zero: { images: 5000, words: 'training from zero' },
  'fine-tune': { images: 1000, words: 'fine-tuning' },
  transfer: { images: 0, words: 'transfer' },
}

/** Classes that a line names; the others are counted. */
const NAMED_CLASSES = 5

/**
 * Which classes have fewer images than the mode wants, the smallest first: `fewer images than the 1,000 a class that
 * fine-tuning wants: cat 240, dog 400`. Undefined when none has.
 *
 * @param images training images of each class, variants not counted
 */
export function describeShortage(mode: string, images: Readonly<Record<string, number>>): string | undefined {
  const wanted = WANTED[mode]
  const short = Object.entries(images)
    .filter(([, count]) => wanted && count < wanted.images)
    .sort(([a, fewer], [b, more]) => fewer - more || (a < b ? -1 : 1))
  if (!wanted || short.length === 0) return undefined
  const named = short.slice(0, NAMED_CLASSES).map(([name, count]) => `${name} ${whole(count)}`)
  const others = short.length - named.length
  const list = [...named, ...(others > 0 ? [`and ${others} more`] : [])].join(', ')
  return `fewer images than the ${whole(wanted.images)} a class that ${wanted.words} wants: ${list}`
}

function whole(count: number): string {
  return count.toLocaleString('en-US')
}
