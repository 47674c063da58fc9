import { classesOf, sortedById } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { sha256 } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { EvaluationPart } from '../dataset/evaluated.ts'
import type { ManifestRow } from '../dataset/manifest.ts'
import type { SplitRow } from '../dataset/split.ts'
import type { Group } from './groups.ts'
import type { SplitParams } from './params.ts'

/** What split reads of an image. */
type Image = Omit<ManifestRow, 'width' | 'height'>

/** All files of one label that show the same photograph; they go to the same part. */
interface Content {
  readonly ids: readonly string[]
  readonly source: string
  /** Order within its stratum: SHA-256 of the seed and of the lowest SHA-256 among its files. */
  readonly rank: string
  /** The group that it belongs to. */
  readonly group: string
  /** The part that it must have: it was evaluated before, or images of its group with another label have that part. */
  readonly fixed: DrawnPart | undefined
}

interface Placed extends Content {
  readonly part: DrawnPart
}

const DRAWN = ['train', 'validation', 'holdout'] as const satisfies readonly (keyof SplitParams)[]
type DrawnPart = (typeof DRAWN)[number]

/** A label needs one for each part. */
export const MIN_CONTENTS = DRAWN.length

/**
 * Sources with fewer contents are cut together with the other small sources of their label: cut alone, one would lose
 * more than 5 % of its images to another part when it grows by a tenth. When a source grows past this number, about a tenth of it moves, once.
 */
const MIN_STRATUM = 30

/** What a split must respect besides the fractions. */
export interface Constraints {
  /** Images that stay together, each group of one set. */
  readonly groups?: readonly Group[]
  /** Images that were evaluated before, by SHA-256: training never sees them. */
  readonly evaluated?: ReadonlyMap<string, EvaluationPart>
}

/**
 * The part of every image, sorted by id: train, validation and holdout drawn for the training set, `test` for the test set.
 *
 * In order of precedence: groups stay whole; evaluated images stay out of training, with their groups, in validation rather than
 * holdout, which chooses nothing; parts are near the fractions. Within a stratum (a label's images of one source; a label's
 * small sources are one stratum together) contents are ranked by SHA-256 of seed and content and cut at the rounded numbers of
 * images. A content with more images than validation and holdout have room for goes to train. An image moves only when a cut
 * passes over its rank, so that new images leave nearly all old ones in their parts. Each label has an image in train and one
 * in validation, whatever the fractions are: training needs both.
 *
 * @throws DataError when a label has too few different images, or is in the test set only
 */
export function splitByContent(
  manifest: readonly Image[],
  split: SplitParams,
  seed: number,
  { groups = [], evaluated = new Map() }: Constraints = {},
): SplitRow[] {
  const drawn = manifest.filter((row) => row.set === 'train')
  const test = manifest.filter((row) => row.set === 'test')
  const labels = classesOf(drawn)
  checkLabels(labels, classesOf(test))
  const groupById = new Map(groups.flatMap((group, place) => group.map((id) => [id, `group ${place}`] as const)))
  const groupOf = ({ id, sha256 }: Image) => groupById.get(id) ?? sha256
  const fixed = new Map<string, DrawnPart>()
  for (const row of drawn) {
    const part = evaluated.get(row.sha256)
    if (part && fixed.get(groupOf(row)) !== 'validation') fixed.set(groupOf(row), part)
  }
  const byLabel = Map.groupBy(drawn, ({ label }) => label)
  const rows = labels.flatMap((label) => {
    const contents = contentsOf(byLabel.get(label) ?? [], groupOf, { seed, fixed })
    checkEnough(label, contents)
    const placed = fillEmpty(strataOf(contents).flatMap((stratum) => cut(stratum, split)))
    for (const { group, part } of placed) fixed.set(group, part)
    return placed.flatMap(({ ids, part }) => ids.map((id) => ({ id, label, part })))
  })
  return sortedById([...rows, ...test.map(({ id, label }) => ({ id, label, part: 'test' as const }))])
}

/** One line for each label whose parts are far from the fractions, since groups and evaluated images stay where they are. */
export function describeUneven(rows: readonly SplitRow[], split: SplitParams): string[] {
  const shares = DRAWN.map((part) => Number((100 * split[part]).toFixed(1))).join(' : ')
  const byLabel = Map.groupBy(rows, ({ label }) => label)
  return classesOf(rows).flatMap((label) => {
    const own = (byLabel.get(label) ?? []).filter(({ part }) => part !== 'test')
    const counts = DRAWN.map((part) => ({ part, count: own.filter((row) => row.part === part).length }))
    const isFar = counts.some(({ part, count }) => {
      const wanted = own.length * split[part]
      return Math.abs(count - wanted) > Math.max(2, wanted / 2)
    })
    if (!isFar) return []
    return [
      `${label} has ${counts.map(({ part, count }) => `${count} ${part}`).join(', ')} images, far from ${shares}: images of one photograph (${paths.groups}) stay together, and images that were evaluated before (${paths.evaluated}) stay in their part. Exclude some, or add other images.`,
    ]
  })
}

function checkLabels(labels: readonly string[], testLabels: readonly string[]): void {
  if (labels.length < 2) {
    throw new DataError(
      `Expected images of two labels or more in ${paths.data}/train, received ${labels.join(', ') || 'none'}. Add one folder for each label.`,
    )
  }
  const unseen = testLabels.filter((label) => !labels.includes(label))
  if (unseen.length > 0) {
    throw new DataError(
      `Expected the labels of the test set among ${labels.join(', ')}, received ${unseen.join(', ')}. Add training images of them, or rename or remove these test images.`,
    )
  }
}

function checkEnough(label: string, contents: readonly Content[]): void {
  if (contents.length >= MIN_CONTENTS) return
  const files = contents.flatMap(({ ids }) => ids).length
  const copies = files > contents.length ? ` among ${files} files (fetch.nearDuplicates: copies of one count once)` : ''
  throw new DataError(
    `Expected ${MIN_CONTENTS} or more different images of ${label}, received ${contents.length}${copies}. Add images to ${paths.data}/train/${label} or remove the label.`,
  )
}

/** The contents of some images. Of several sources or hashes of one content, the first by code unit counts. */
function contentsOf(
  rows: readonly Image[],
  groupOf: (row: Image) => string,
  { seed, fixed }: { readonly seed: number; readonly fixed: ReadonlyMap<string, DrawnPart> },
): Content[] {
  return [...Map.groupBy(rows, groupOf)].map(([group, copies]) => ({
    ids: copies.map((row) => row.id),
    source: copies.map((row) => row.source).sort()[0] ?? '',
    rank: sha256(`${seed}\u0000${copies.map((row) => row.sha256).sort()[0] ?? ''}`),
    group,
    fixed: fixed.get(group),
  }))
}

function strataOf(contents: readonly Content[]): Content[][] {
  const sources = [...Map.groupBy(contents, (content) => content.source).values()]
  const small = sources.filter((stratum) => stratum.length < MIN_STRATUM)
  return [...sources.filter((stratum) => stratum.length >= MIN_STRATUM), small.flat()]
}

/** Places what is fixed, then what is too large for the evaluation parts, then the others by their ranks. */
function cut(stratum: readonly Content[], { train, validation }: SplitParams): Placed[] {
  const images = countOf(stratum)
  const [trainWanted, evaluatedFrom] = [Math.round(images * train), Math.round(images * (train + validation))]
  const wanted = { validation: evaluatedFrom - trainWanted, holdout: images - evaluatedFrom }
  const most = Math.max(wanted.validation, wanted.holdout, 1)
  const partOf = ({ fixed, ids }: Content) => fixed ?? (ids.length > most ? 'train' : undefined)
  const placed = stratum.flatMap((content): Placed[] => {
    const part = partOf(content)
    return part ? [{ ...content, part }] : []
  })
  const free = byRank(stratum.filter((content) => partOf(content) === undefined))
  const roomIn = (part: EvaluationPart) =>
    Math.max(0, wanted[part] - countOf(placed.filter((content) => content.part === part)))
  const [room, roomInBoth] = [roomIn('validation'), roomIn('validation') + roomIn('holdout')]
  const trainEnd = Math.max(0, countOf(free) - roomInBoth)
  const validationEnd = trainEnd + (roomInBoth > 0 ? ((countOf(free) - trainEnd) * room) / roomInBoth : 0)
  let done = 0
  for (const content of free) {
    const middle = done + content.ids.length / 2
    done += content.ids.length
    placed.push({ ...content, part: middle < trainEnd ? 'train' : middle < validationEnd ? 'validation' : 'holdout' })
  }
  return placed
}

function countOf(contents: readonly Content[]): number {
  return contents.reduce((sum, { ids }) => sum + ids.length, 0)
}

/**
 * Gives an empty train or validation part of a label the content nearest to it from the label's largest part, of those that
 * are not fixed.
 */
function fillEmpty(placed: readonly Placed[]): Placed[] {
  return (['train', 'validation'] as const).reduce<Placed[]>(
    (rows, wanted) => {
      if (rows.some((row) => row.part === wanted)) return rows
      const donors = DRAWN.map((part) => byRank(rows.filter((row) => row.part === part && !row.fixed)))
      const largest = donors.reduce((most, rest) => (rest.length > most.length ? rest : most))
      const moved = donors.indexOf(largest) < DRAWN.indexOf(wanted) ? largest.at(-1) : largest[0]
      return rows.map((row) => (row === moved ? { ...row, part: wanted } : row))
    },
    [...placed],
  )
}

function byRank<T extends Content>(contents: readonly T[]): T[] {
  return [...contents].sort((a, b) => (a.rank < b.rank ? -1 : 1))
}
