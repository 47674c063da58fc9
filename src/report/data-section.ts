import { markdownTable } from 'markdown-table'
import { code, escaped } from '../core/markdown.ts'
import { PARTS } from '../core/paths.ts'
import { pluralize, whole } from '../scores/format.ts'
import type { DataCard } from './data-card.ts'

/** Images, sources and groups that a list names; the others are counted. */
const LISTED = 10

const PART_NAMES = { train: 'Training', validation: 'Validation', holdout: 'Holdout', test: 'Test' } as const

/** The images: how many of each class in each part, where they come from, what was refused, what is there twice. */
export function dataSection(card: DataCard): string[] {
  return [
    '## Data',
    partsTable(card),
    `Sides of ${whole(card.sides[0])} to ${whole(card.sides[1])} pixels; ${sourcesText(card)}.`,
    ...rejectedText(card),
    ...duplicatesText(card),
    ...alikeText(card),
    ...excludedText(card),
  ]
}

/** Images by class and part, with sums. */
export function partsTable({ classes, counts }: Pick<DataCard, 'classes' | 'counts'>): string {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const rows = classes.map((label) => [label, PARTS.map((part) => counts[part][label] ?? 0)] as const)
  const cells = (values: readonly number[]) => [...values, sum(values)].map(whole)
  const all = PARTS.map((_, place) => sum(rows.map(([, values]) => values[place] ?? 0)))
  return markdownTable(
    [
      ['Class', ...PARTS.map((part) => PART_NAMES[part]), 'All'],
      ...rows.map(([label, values]) => [escaped(label), ...cells(values)]),
      ['all', ...cells(all)],
    ],
    { align: ['l', 'r', 'r', 'r', 'r', 'r'] },
  )
}

function sourcesText({ sources }: DataCard): string {
  const named = sources.slice(0, LISTED).map(([source, images]) => `${escaped(source)} ${whole(images)}`)
  return `sources: ${named.join(', ')}${more(sources.length - LISTED)}`
}

function rejectedText({ rejected }: DataCard): string[] {
  if (rejected.length === 0) return ['No file was refused.']
  return [`${pluralize(rejected.length, 'file')} refused:`, list(rejected.map(noted))]
}

function duplicatesText({ duplicates }: DataCard): string[] {
  if (duplicates.length === 0) return ['No image is there twice, byte for byte.']
  const copies = duplicates.reduce((sum, ids) => sum + ids.length - 1, 0)
  return [
    `${pluralize(copies, 'exact copy', 'exact copies')}; all of an image lie in one part:`,
    list(duplicates.map((ids) => ids.map(code).join(', '))),
  ]
}

function alikeText({ alike }: DataCard): string[] {
  if (alike.length === 0) return []
  return [
    `${pluralize(alike.length, 'group')} of images that show nearly the same; each lies in one part:`,
    list(alike.map((ids) => ids.map(code).join(', '))),
  ]
}

function excludedText({ excluded }: DataCard): string[] {
  if (excluded.length === 0) return []
  return [`${pluralize(excluded.length, 'image')} excluded by \`exclude.csv\`:`, list(excluded.map(noted))]
}

function noted({ id, reason }: DataCard['rejected'][number]): string {
  return `${code(id)}: ${escaped(reason)}`
}

/** The first few, a line each, and how many more there are. */
function list(lines: readonly string[]): string {
  const rest = lines.length - LISTED
  const last = rest > 0 ? [`and ${whole(rest)} more`] : []
  return [...lines.slice(0, LISTED), ...last].map((line) => `- ${line}`).join('\n')
}

function more(count: number): string {
  return count > 0 ? ` and ${whole(count)} more` : ''
}
