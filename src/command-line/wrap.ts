const WIDTH = 80
/** Columns that an option's words have at least; with less room they begin below it. */
const LEAST_WORDS = 28

/**
 * A help text in lines of 80 columns: paragraphs flow on, words of an option stay in their column. What fits is left as it is.
 */
export function wrapHelp(text: string): string {
  return blocksOf(text.split('\n'))
    .flatMap((block) => (block.some((line) => line.length > WIDTH) ? wrapBlock(block) : block))
    .join('\n')
}

/** Lines that belong together: a paragraph, or an option with the lines below its words. */
function blocksOf(lines: readonly string[]): string[][] {
  const blocks: string[][] = []
  for (const line of lines) {
    const block = blocks.at(-1)
    if (block && goesOn(block, line)) block.push(line)
    else blocks.push([line])
  }
  return blocks
}

function goesOn([first = '']: readonly string[], line: string): boolean {
  if (first.trim() === '' || line.trim() === '' || first.startsWith('usage: ')) return false
  const { lead, indent } = layoutOf(first)
  const own = indentOf(line)
  return lead === '' ? own === 0 && indent === 0 : own === indent && own > indentOf(first)
}

interface Layout {
  /** What stands before the words: an option, and the gap behind it. */
  readonly lead: string
  /** The column of the words in the lines after the first. */
  readonly indent: number
}

function layoutOf(line: string): Layout {
  const lead = /^\s+\S.*?\s{2,}(?=\S)|^usage: /.exec(line)?.[0] ?? ''
  return { lead, indent: lead.length || indentOf(line) }
}

function wrapBlock(block: readonly string[]): string[] {
  const [first = ''] = block
  const { lead, indent } = layoutOf(first)
  const words = [first.slice(lead.length), ...block.slice(1)].join(' ').trim().split(/ +/)
  const isTight = WIDTH - indent < LEAST_WORDS
  const column = isTight ? indentOf(first) + 4 : indent
  const lines = isTight ? [lead.trimEnd(), ' '.repeat(column)] : [lead || ' '.repeat(indent)]
  let isEmpty = true
  for (const word of words) {
    const line = lines.at(-1) ?? ''
    const longer = isEmpty ? `${line}${word}` : `${line} ${word}`
    if (isEmpty || longer.length <= WIDTH) lines[lines.length - 1] = longer
    else lines.push(`${' '.repeat(column)}${word}`)
    isEmpty = false
  }
  return lines
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}
