import { markdownTable } from 'markdown-table'
import { code, escaped } from '../core/markdown.ts'
import { type Block, type Inline, inlines, isValued, type Section, type Table, type Text } from './document.ts'

/** A report as Markdown: its title, what comes before the first section, and the sections. */
export function writeMarkdown(title: Text, lead: readonly Block[], sections: readonly Section[]): string {
  const blocks = [
    `# ${inline(title)}`,
    ...lead.flatMap(blockLines),
    ...sections
      .filter(({ pageOnly }) => !pageOnly)
      .flatMap(({ title, blocks }) => [`## ${inline(title)}`, ...blocks.flatMap(blockLines)]),
  ]
  return `${blocks.join('\n\n')}\n`
}

/** The blocks of a lead or a section as Markdown. */
export function blocksInMarkdown(blocks: readonly Block[]): string {
  return blocks.flatMap(blockLines).join('\n\n')
}

export function tableLines({ header, rows, words }: Table): string {
  const align = header.map((_, column) => (words.includes(column) ? 'l' : 'r'))
  return markdownTable(
    [header.map(inline), ...rows.map((row) => row.map((cell) => inline(isValued(cell) ? cell.text : cell)))],
    { align },
  )
}

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
      return [`### ${inline(block.text)}`]
    case 'paragraph':
      return [inline(block.text)]
    case 'list':
      return [block.items.map((item) => `- ${inline(item)}`).join('\n')]
    case 'table':
      return [tableLines(block)]
    case 'figure':
      return [`![${escaped(block.alt)}](plots/${block.plot}.svg)`]
    case 'view':
      return block.instead.flatMap(blockLines)
    case 'image':
      return []
  }
}

function inline(text: Text): string {
  return inlines(text).map(piece).join('')
}

function piece(piece: Inline): string {
  if (typeof piece === 'string') return escaped(piece)
  if ('code' in piece) return code(piece.code)
  if ('strong' in piece) return `**${escaped(piece.strong)}**`
  return `[${escaped(piece.link)}](${piece.to})`
}
