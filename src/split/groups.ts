import { sortedById } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { openUnion } from '../core/union.ts'
import { describeFiles, type ManifestRow } from '../dataset/manifest.ts'
import type { Pair, PairKind } from '../dataset/pairs.ts'
import type { SplitRow } from '../dataset/split.ts'

/** The ids of images that show the same photograph, sorted; they go to the same part. */
export type Group = readonly string[]

/**
 * The groups that pairs connect some images to, of two members or more, in order of their first ids. Pairs with an image
 * that is not among them are ignored, and those of a training image and a test image, which cannot be in one part.
 */
export function groupsOf(images: readonly Pick<ManifestRow, 'id' | 'set'>[], pairs: readonly Pair[]): Group[] {
  const sorted = sortedById(images)
  const ids = sorted.map(({ id }) => id)
  const places = new Map(ids.map((id, place) => [id, place]))
  const union = openUnion(ids.length)
  for (const { id, other } of pairs) {
    const [a, b] = [places.get(id), places.get(other)]
    if (a !== undefined && b !== undefined && sorted[a]?.set === sorted[b]?.set) union.join(a, b)
  }
  const groups = new Map<number, string[]>()
  for (const [place, id] of ids.entries()) {
    const key = union.groupOf(place)
    const group = groups.get(key)
    if (group) group.push(id)
    else groups.set(key, [id])
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

/** A member of a group, and the member that it is nearest to. */
export interface GroupRow extends SplitRow {
  /** From 1. */
  readonly group: number
  readonly nearest: string
  readonly kind: PairKind
  readonly distance: number
}

/** One row for each member of each group. */
export function groupRows(groups: readonly Group[], rows: readonly SplitRow[], pairs: readonly Pair[]): GroupRow[] {
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

/** The nearest partner of each id; of several at the same distance, the one whose pair comes first. */
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

const WORDS: Readonly<Record<PairKind, string>> = {
  exact: 'the same as',
  near: 'nearly the same as',
  mirrored: 'the mirror image of',
}

/** Pairs of images that are in both the training set and the test set, or have two labels. */
export function clashesOf(
  images: readonly Pick<ManifestRow, 'id' | 'set' | 'label'>[],
  pairs: readonly Pair[],
): Pair[] {
  const byId = new Map(images.map((image) => [image.id, image]))
  return pairs.filter(({ id, other }) => {
    const [a, b] = [byId.get(id), byId.get(other)]
    return a !== undefined && b !== undefined && (a.set !== b.set || a.label !== b.label)
  })
}

/**
 * Refuses a photograph that is in both the training set and the test set, or has two labels, where that is certain. Within one
 * set and label duplicates are fine, since split keeps them together.
 *
 * @returns a warning about pairs that clash and are only likely, if there are any
 * @throws DataError that names the certain pairs and what to do
 */
export function checkPairs(images: readonly ManifestRow[], pairs: readonly Pair[]): string | undefined {
  const { certain = [], likely = [] } = Object.groupBy(clashesOf(images, pairs), ({ certainty }) => certainty)
  const listOf = (clashes: readonly Pair[]) =>
    describeFiles(clashes.map((pair) => ({ id: pair.id, reason: describePair(pair) })))
  if (certain.length > 0) {
    throw new DataError(
      `Expected each photograph once, in train/ or test/ and under one label, received ${certain.length} pairs of the same one (all pairs: ${paths.pairs}). Keep one image of each pair: remove the other, or add it to ${paths.exclude} (id,reason).${listOf(certain)}`,
    )
  }
  if (likely.length === 0) return undefined
  return `${likely.length} pairs of images in both train/ and test/, or under two labels, look like one photograph (all pairs: ${paths.pairs}). Look at them: of each pair that is one, add an image to ${paths.exclude} (id,reason).${listOf(likely)}`
}

/** `nearly the same as test/cat/1.jpg (distance 0.031)` */
function describePair({ other, kind, distance }: Pair): string {
  return `${WORDS[kind]} ${JSON.stringify(other).slice(1, -1)}${kind === 'exact' ? '' : ` (distance ${distance.toFixed(3)})`}`
}
