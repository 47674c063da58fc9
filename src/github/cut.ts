export const LIMITS = {
  comment: 65_536, // characters
  check: 65_535, // characters of a check run's summary
  release: 125_000, // characters of a release's body
  summaryBytes: 2 ** 20, // UTF-8, of a step's job summary
} as const

interface CutOptions {
  readonly limit: number
  /** Measures a text in the unit of `limit`; characters by default. */
  readonly sizeOf?: (text: string) => number
  /** URL of the full text; empty for none. */
  readonly fullTextUrl: string
}

/**
 * Cuts Markdown to a limit. A text that is too long ends at the last line that fits, with open code blocks and `<details>` closed and
 * a note that links to the full text. The cut falls between paragraphs if the last quarter has such a place, and never splits a
 * character.
 */
export function cutMarkdown(text: string, options: CutOptions): string {
  const { limit, sizeOf = (each) => each.length, fullTextUrl } = options
  if (sizeOf(text) <= limit) return text
  const lines = text.split('\n')
  const fitting = largestFitting(lines.length, (count) => sizeOf(finish(lines.slice(0, count), fullTextUrl)) <= limit)
  if (fitting === 0) return finish([cutLine(lines[0] ?? '', { limit, sizeOf, fullTextUrl })], fullTextUrl)
  const kept = lines.slice(0, fitting)
  const paragraphEnd = kept.findLastIndex((line, index) => line === '' && index >= fitting * 0.75)
  return finish(paragraphEnd > 0 ? kept.slice(0, paragraphEnd) : kept, fullTextUrl)
}

function finish(lines: readonly string[], fullTextUrl: string): string {
  const note =
    fullTextUrl === ''
      ? 'Cut here: the rest is too long for GitHub.'
      : `Cut here: the [full text](${fullTextUrl}) is too long for this place.`
  return [...lines, ...closingMarks(lines), '', `**${note}**`, ''].join('\n')
}

/** Closes the code block and the `<details>` that these lines leave open. */
function closingMarks(lines: readonly string[]): string[] {
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

/** Cuts a first line that is too long by itself. */
function cutLine(line: string, { limit, sizeOf, fullTextUrl }: Required<CutOptions>): string {
  const characters = [...line]
  const start = (count: number) => `${characters.slice(0, count).join('')}…`
  return start(largestFitting(characters.length, (count) => sizeOf(finish([start(count)], fullTextUrl)) <= limit))
}

/** The largest count up to `most` that fits, by bisection; 0 if none does. */
function largestFitting(most: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, most]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return low
}
