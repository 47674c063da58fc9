/** The greatest lengths that GitHub takes. */
export const LIMITS = {
  /** Of a comment, in characters. */
  comment: 65_536,
  /** Of a check run's summary or text, in characters. */
  check: 65_535,
  /** Of the summary of a step, in bytes of UTF-8. */
  summaryBytes: 2 ** 20,
} as const

export interface CutOptions {
  readonly limit: number
  /** What a text takes of the limit; its characters as a rule. */
  readonly sizeOf?: (text: string) => number
  /** Where the whole is to be found; empty: nowhere. */
  readonly wholeAt: string
}

/**
 * Markdown that fits a limit: whole, or its beginning up to the last line that fits, with open code and `<details>` closed, and a
 * line that leads to the whole. It ends between paragraphs or rows where there is one in the last quarter, never inside a character.
 */
export function cutMarkdown(text: string, { limit, sizeOf = (each) => each.length, wholeAt }: CutOptions): string {
  if (sizeOf(text) <= limit) return text
  const lines = text.split('\n')
  const room = (count: number) => sizeOf(closed(lines.slice(0, count), wholeAt)) <= limit
  const most = largest(lines.length, room)
  const kept = lines.slice(0, most)
  const end = kept.findLastIndex((line, place) => line === '' && place >= most * 0.75)
  if (end > 0) return closed(kept.slice(0, end), wholeAt)
  return closed(most > 0 ? kept : [shortened(lines[0] ?? '', { limit, sizeOf, wholeAt })], wholeAt)
}

/** Size in bytes of UTF-8. */
export function bytesOf(text: string): number {
  return Buffer.byteLength(text)
}

function closed(lines: readonly string[], wholeAt: string): string {
  const rest =
    wholeAt === ''
      ? 'Cut here: the rest is too long for GitHub.'
      : `Cut here: [the whole](${wholeAt}) is too long for this place.`
  return [...lines, ...openParts(lines), '', `**${rest}**`, ''].join('\n')
}

/** What closes the code and the folded parts that some lines leave open. */
function openParts(lines: readonly string[]): string[] {
  let fence = ''
  let details = 0
  for (const line of lines) {
    const mark = /^(`{3,}|~{3,})/.exec(line)?.[1] ?? ''
    if (fence !== '') fence = mark.startsWith(fence) ? '' : fence
    else if (mark !== '') fence = mark
    else details += Number(line.startsWith('<details')) - Number(line.startsWith('</details'))
  }
  return [...(fence === '' ? [] : [fence]), ...Array.from({ length: Math.max(0, details) }, () => '\n</details>')]
}

/** The beginning of a single line that is too long by itself. */
function shortened(line: string, { limit, sizeOf = (each) => each.length, wholeAt }: CutOptions): string {
  const characters = [...line]
  const count = largest(
    characters.length,
    (each) => sizeOf(closed([`${characters.slice(0, each).join('')}…`], wholeAt)) <= limit,
  )
  return `${characters.slice(0, count).join('')}…`
}

/** The greatest count up to `most` that fits, where fewer always fit too; 0 where none does. */
function largest(most: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, most]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return low
}
