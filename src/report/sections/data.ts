import { PARTS } from '../../core/paths.ts'
import { pluralize, whole } from '../../scores/format.ts'
import { sum } from '../../scores/scores.ts'
import type { DataCard } from '../data-card.ts'
import {
  type Block,
  code,
  type Inline,
  joined,
  list,
  paragraph,
  type Section,
  section,
  type Table,
  type Text,
  table,
  text,
  view,
} from '../document.ts'

/** Images, sources and groups that a list names; the others are counted. */
const LISTED = 10

const PART_NAMES = { train: 'Training', validation: 'Validation', holdout: 'Holdout', test: 'Test' } as const

export function dataSection(card: DataCard): Section {
  const { rejected, duplicates, nearDuplicates, excluded } = card
  const [least, most] = card.sides
  const sides = least === most ? whole(least) : `${whole(least)} to ${whole(most)}`
  const copies = pluralize(duplicates.flat().length - duplicates.length, 'exact copy', 'exact copies')
  return section({ id: 'data', title: 'Data', short: 'Data' }, [
    partsTable(card),
    paragraph(`The images are ${sides} pixels wide and high. Sources: ${sources(card)}.`),
    ...listed(`${pluralize(rejected.length, 'file')} refused:`, rejected.map(noted), 'No file was refused.'),
    ...listed(
      `${copies}; all copies of an image are in one part:`,
      duplicates.map(idsOf),
      'No two files are the same, byte for byte.',
    ),
    ...nearDuplicateBlocks(nearDuplicates),
    ...listed(text`${pluralize(excluded.length, 'image')} excluded by ${code('exclude.csv')}:`, excluded.map(noted)),
  ])
}

export function partsTable({ classes, counts }: Pick<DataCard, 'classes' | 'counts'>): Table {
  const rows = classes.map((label) => [label, PARTS.map((part) => counts[part].get(label) ?? 0)] as const)
  const cells = (values: readonly number[]) => [...values, sum(values)].map(whole)
  const all = PARTS.map((_, place) => sum(rows.map(([, values]) => values[place] ?? 0)))
  const header = ['Class', ...PARTS.map((part) => PART_NAMES[part]), 'All']
  return table('Images by class and part', header, [
    ...rows.map(([label, values]) => [label, ...cells(values)]),
    ['all', ...cells(all)],
  ])
}

function sources({ sources }: DataCard): string {
  const named = sources.slice(0, LISTED).map(([source, images]) => `${source} ${whole(images)}`)
  const others = sources.length - named.length
  return `${named.join(', ')}${others > 0 ? ` and ${whole(others)} more` : ''}`
}

function nearDuplicateBlocks(groups: DataCard['nearDuplicates']): Block[] {
  if (groups === undefined) return [paragraph('Near duplicates were not searched for.')]
  if (groups.length === 0) return []
  return [
    paragraph(`${pluralize(groups.length, 'group')} of near duplicates; each group is in one part:`),
    view('duplicates', '', [shortList(groups.map(idsOf))]),
  ]
}

function noted({ id, reason }: DataCard['rejected'][number]): Inline[] {
  return text`${code(id)}: ${reason}`
}

function idsOf(ids: readonly string[]): Inline[] {
  return joined(ids.map(code))
}

function listed(title: Text, items: readonly Text[], otherwise?: string): Block[] {
  if (items.length > 0) return [paragraph(title), shortList(items)]
  return otherwise === undefined ? [] : [paragraph(otherwise)]
}

/** The first few, a line each, and how many more there are. */
function shortList(items: readonly Text[]): Block {
  const rest = items.length - LISTED
  return list([...items.slice(0, LISTED), ...(rest > 0 ? [`and ${whole(rest)} more`] : [])])
}
