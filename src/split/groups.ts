import { sortedById, writeCsv } from '../core/csv.ts'
import type { Part } from '../core/paths.ts'
import { openUnion } from '../core/union.ts'
import type { Pair, PairKind } from '../dataset/pairs.ts'

/** Images that are one photograph, each by its id, first id first; they stay on one side of the split. */
export type Group = readonly string[]

/**
 * The groups that pairs make of some images, transitive, two members or more, in order of their first ids. A pair with a
 * image that is not among them counts for nothing.
 */
export function groupsOf(images: readonly { readonly id: string }[], pairs: readonly Pair[]): Group[] {
  const ids = sortedById(images).map(({ id }) => id)
  const places = new Map(ids.map((id, place) => [id, place]))
  const union = openUnion(ids.length)
  for (const { id, other } of pairs) {
    const [a, b] = [places.get(id), places.get(other)]
    if (a !== undefined && b !== undefined) union.join(a, b)
  }
  const groups = new Map<number, string[]>()
  for (const [place, id] of ids.entries()) {
    const key = union.groupOf(place)
    groups.set(key, [...(groups.get(key) ?? []), id])
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

/** A member of a group, and the one of its group that it is nearest to. */
export interface GroupRow {
  /** From 1. */
  readonly group: number
  readonly id: string
  readonly label: string
  readonly part: Part
  readonly nearest: string
  readonly kind: PairKind
  readonly distance: number
}

/** A row for each member of each group. */
export function groupRows(
  groups: readonly Group[],
  rows: readonly { readonly id: string; readonly label: string; readonly part: Part }[],
  pairs: readonly Pair[],
): GroupRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  const nearest = nearestOf(pairs.filter(({ id, other }) => byId.has(id) && byId.has(other)))
  return groups.flatMap((group, place) =>
    group.flatMap((id) => {
      const [row, partner] = [byId.get(id), nearest.get(id)]
      return row && partner ? [{ group: place + 1, id, label: row.label, part: row.part, ...partner }] : []
    }),
  )
}

type Partner = Pick<GroupRow, 'nearest' | 'kind' | 'distance'>

/** Of two partners that are equally far, the one whose pair comes first. */
function nearestOf(pairs: readonly Pair[]): Map<string, Partner> {
  const nearest = new Map<string, Partner>()
  for (const { id, other, kind, distance } of pairs) {
    for (const [own, partner] of [
      [id, other],
      [other, id],
    ] as const) {
      const known = nearest.get(own)
      if (!known || distance < known.distance) nearest.set(own, { nearest: partner, kind, distance })
    }
  }
  return nearest
}

const COLUMNS = ['group', 'id', 'label', 'part', 'nearest', 'kind', 'distance'] as const

export async function writeGroups(path: string, rows: readonly GroupRow[]): Promise<void> {
  await writeCsv(path, COLUMNS, rows)
}
