import { classesOf, readCsv } from '../core/csv.ts'
import { exists } from '../core/files.ts'
import { PARTS, type Part, paths } from '../core/paths.ts'
import { type ManifestRow, readManifest } from '../dataset/manifest.ts'
import { readSplit, type SplitRow } from '../dataset/split.ts'

/** An image that is not used, and why. */
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
  /** Files that fetch refused. */
  readonly rejected: readonly Noted[]
  /** Ids of files with the same content, two or more in each group; a group is in one part. */
  readonly duplicates: readonly (readonly string[])[]
  /** Ids of near duplicates, two or more in each group; a group is in one part. Undefined where none were searched for. */
  readonly nearDuplicates: readonly (readonly string[])[] | undefined
  /** Images that exclude.csv excludes. */
  readonly excluded: readonly Noted[]
  /** Side lengths in pixels, of the smallest and the largest image. */
  readonly sides: readonly [least: number, most: number]
}

/** Reads what fetch and split say of the images. */
export async function readDataCard(): Promise<DataCard> {
  return dataCard(await readManifest(paths.manifest), await readSplit(paths.split), {
    rejected: await readCsv(paths.rejected, ['id', 'reason']),
    members: (await exists(paths.groups)) ? await readCsv(paths.groups, ['group', 'id']) : undefined,
    excluded: (await exists(paths.excluded)) ? await readCsv(paths.excluded, ['id', 'reason']) : [],
  })
}

/** What fetch and split noted beside the parts. */
interface Fates {
  readonly rejected: readonly Noted[]
  /** Images by their group, exact copies among them; undefined where no near duplicates were searched for. */
  readonly members: readonly { readonly group: string; readonly id: string }[] | undefined
  readonly excluded: readonly Noted[]
}

/** Counts images and finds duplicates. */
export function dataCard(
  manifest: readonly ManifestRow[],
  split: readonly SplitRow[],
  { rejected, members, excluded }: Fates,
): DataCard {
  const classes = classesOf(split)
  const count = (part: Part, label: string) => split.filter((row) => row.part === part && row.label === label).length
  const countsOf = (part: Part) => Object.fromEntries(classes.map((label) => [label, count(part, label)]))
  const bySource = Map.groupBy(manifest, ({ source }) => source)
  const byContent = Map.groupBy(manifest, ({ sha256 }) => sha256)
  const contents = new Map(manifest.map(({ id, sha256 }) => [id, sha256]))
  const groups =
    members && [...Map.groupBy(members, ({ group }) => group).values()].map((rows) => rows.map(({ id }) => id))
  const sides = manifest.flatMap(({ width, height }) => [width, height])
  return {
    classes,
    counts: Object.fromEntries(PARTS.map((part) => [part, countsOf(part)])) as DataCard['counts'],
    sources: [...bySource]
      .map(([source, rows]) => [source, rows.length] as const)
      .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1)),
    rejected,
    duplicates: [...byContent.values()].filter((rows) => rows.length > 1).map((rows) => rows.map(({ id }) => id)),
    nearDuplicates: groups?.filter((ids) => new Set(ids.map((id) => contents.get(id))).size > 1),
    excluded,
    sides: [sides.reduce((a, b) => Math.min(a, b), Infinity), sides.reduce((a, b) => Math.max(a, b), 0)],
  }
}
