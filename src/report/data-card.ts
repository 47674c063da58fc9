import { join } from 'node:path'
import { readCsv } from '../core/csv.ts'
import { exists } from '../core/files.ts'
import { PARTS, type Part, paths } from '../core/paths.ts'
import { classesOf } from '../core/rows.ts'
import { type ManifestRow, readManifest } from '../dataset/manifest.ts'
import { readSplit, type SplitRow } from '../dataset/split.ts'

/** An image that is not used, or is used with care, and why. */
export interface Noted {
  readonly id: string
  readonly reason: string
}

/** What the report says of the images. */
export interface DataCard {
  readonly classes: readonly string[]
  /** Images of each class in each part. */
  readonly counts: Readonly<Record<Part, Readonly<Record<string, number>>>>
  /** Images of each source, the most first. */
  readonly sources: readonly (readonly [source: string, images: number])[]
  /** Files that fetch could not take. */
  readonly rejected: readonly Noted[]
  /** Ids of images with the same content, two or more in each list; they lie in one part. */
  readonly duplicates: readonly (readonly string[])[]
  /** Ids of images that show nearly the same, two or more in each list; they lie in one part. */
  readonly alike: readonly (readonly string[])[]
  /** Images that exclude.csv takes out. */
  readonly excluded: readonly Noted[]
  /** Side lengths in pixels, of the smallest and the largest image. */
  readonly sides: readonly [least: number, most: number]
}

/** Reads what fetch and split say of the images. */
export async function readDataCard(): Promise<DataCard> {
  const [groups, excluded] = [join(paths.splitFolder, 'groups.csv'), join(paths.splitFolder, 'excluded.csv')]
  return dataCard(await readManifest(paths.manifest), await readSplit(paths.split), {
    rejected: await readCsv(paths.rejected, ['id', 'reason']),
    members: (await exists(groups)) ? await readCsv(groups, ['group', 'id']) : [],
    excluded: (await exists(excluded)) ? await readCsv(excluded, ['id', 'reason']) : [],
  })
}

/** What became of images on the way, beside their parts. */
interface Fates {
  readonly rejected: readonly Noted[]
  /** Images by the number of their group; copies of the same content form groups too. */
  readonly members: readonly { readonly group: string; readonly id: string }[]
  readonly excluded: readonly Noted[]
}

/** Counts images, and finds those that are there twice. */
export function dataCard(
  manifest: readonly ManifestRow[],
  split: readonly SplitRow[],
  { rejected, members, excluded }: Fates,
): DataCard {
  const classes = classesOf(split)
  const count = (part: Part, label: string) => split.filter((row) => row.part === part && row.label === label).length
  const countsOf = (part: Part) => Object.fromEntries(classes.map((label) => [label, count(part, label)]))
  const bySource = groupBy(manifest, ({ source }) => source)
  const byContent = groupBy(manifest, ({ sha256 }) => sha256)
  const contents = new Map(manifest.map(({ id, sha256 }) => [id, sha256]))
  const groups = [...groupBy(members, ({ group }) => group).values()].map((rows) => rows.map(({ id }) => id))
  const sides = manifest.flatMap(({ width, height }) => [width, height])
  return {
    classes,
    counts: Object.fromEntries(PARTS.map((part) => [part, countsOf(part)])) as DataCard['counts'],
    sources: [...bySource]
      .map(([source, rows]) => [source, rows.length] as const)
      .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1)),
    rejected,
    duplicates: [...byContent.values()].filter((rows) => rows.length > 1).map((rows) => rows.map(({ id }) => id)),
    alike: groups.filter((ids) => new Set(ids.map((id) => contents.get(id))).size > 1),
    excluded,
    sides: [sides.reduce((a, b) => Math.min(a, b), Infinity), sides.reduce((a, b) => Math.max(a, b), 0)],
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}
