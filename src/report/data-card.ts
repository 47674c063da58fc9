import { type CsvRow, classesOf, readCsv } from '../core/csv.ts'
import { exists } from '../core/files.ts'
import { type Part, paths } from '../core/paths.ts'
import { type ManifestRow, readManifest } from '../dataset/manifest.ts'
import { readSplit, type SplitRow } from '../dataset/split.ts'
import { byPart } from '../scores/predictions.ts'

/** What fetch and split noted beside the parts. */
interface Fates {
  /** Files that fetch refused. */
  readonly rejected: readonly CsvRow<'id' | 'reason'>[]
  /** Images by their group, exact copies among them; undefined where no near duplicates were searched for. */
  readonly members: readonly CsvRow<'group' | 'id'>[] | undefined
  /** Images that exclude.csv excludes. */
  readonly excluded: readonly CsvRow<'id' | 'reason'>[]
}

export type DataCard = ReturnType<typeof dataCard>

/** Reads what fetch and split say of the images. */
export async function readDataCard(): Promise<DataCard> {
  return dataCard(await readManifest(paths.manifest), await readSplit(paths.split), {
    rejected: await readCsv(paths.rejected, ['id', 'reason']),
    members: (await exists(paths.groups)) ? await readCsv(paths.groups, ['group', 'id']) : undefined,
    excluded: (await exists(paths.excluded)) ? await readCsv(paths.excluded, ['id', 'reason']) : [],
  })
}

export function dataCard(
  manifest: readonly ManifestRow[],
  split: readonly SplitRow[],
  { rejected, members, excluded }: Fates,
) {
  const classes = classesOf(split)
  const count = (part: Part, label: string) => split.filter((row) => row.part === part && row.label === label).length
  const countsOf = (part: Part) => new Map(classes.map((label) => [label, count(part, label)]))
  const bySource = [...Map.groupBy(manifest, ({ source }) => source)]
  const contents = new Map(manifest.map(({ id, sha256 }) => [id, sha256]))
  const groupOf = new Map(members?.map(({ id, group }) => [id, group] as const))
  const sides = manifest.flatMap(({ width, height }) => [width, height])
  return {
    classes,
    /** Images of each class in each part. */
    counts: { train: countsOf('train'), ...byPart(countsOf) },
    /** The source of each image by id, and its group of near duplicates, if it has one. */
    origins: new Map(manifest.map(({ id, source }) => [id, { source, group: groupOf.get(id) }] as const)),
    /** Images of each source, the most first. */
    sources: bySource
      .map(([source, rows]) => [source, rows.length] as const)
      .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1)),
    rejected,
    /** Ids of files with the same content, two or more in each group; a group is in one part. */
    duplicates: idGroups(manifest, ({ sha256 }) => sha256).filter((ids) => ids.length > 1),
    /** Ids of near duplicates, two or more in each group; a group is in one part. Undefined where none were searched for. */
    nearDuplicates:
      members &&
      idGroups(members, ({ group }) => group).filter((ids) => new Set(ids.map((id) => contents.get(id))).size > 1),
    excluded,
    /** Side lengths in pixels, of the smallest and the largest image. */
    sides: [sides.reduce((a, b) => Math.min(a, b), Infinity), sides.reduce((a, b) => Math.max(a, b), 0)] as const,
  }
}

function idGroups<Row extends { readonly id: string }>(rows: readonly Row[], keyOf: (row: Row) => string): string[][] {
  return [...Map.groupBy(rows, keyOf).values()].map((group) => group.map(({ id }) => id))
}
