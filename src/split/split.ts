import { classesOf, sortedById } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { sha256 } from '../core/files.ts'
import { type Part, paths } from '../core/paths.ts'
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
}

interface Placed extends Content {
  readonly part: Part
}

const DRAWN = ['train', 'validation', 'holdout'] as const satisfies readonly (keyof SplitParams)[]

/** A label needs one for each part. */
export const MIN_CONTENTS = DRAWN.length

/**
 * Sources with fewer contents are cut together with the other small sources of their label: cut alone, one would lose
 * more than 5 % of its images to another part when it grows by a tenth. When a source grows past this number, about a tenth of it moves, once.
 */
const MIN_STRATUM = 30

/**
 * The part of every image, sorted by id: train, validation and holdout drawn for the training set, `test` for the test set.
 *
 * Within a stratum (a label's images of one source; a label's small sources are one stratum together) contents are ranked
 * by SHA-256 of seed and content and cut at the rounded fractions. An image moves only when a cut passes over its rank, so
 * that new images leave nearly all old ones in their parts. Each label has an image in train and one in validation,
 * whatever the fractions are: training needs both.
 *
 * @param groups images that count as one content, each group of one set and label
 * @throws DataError when a label has too few different images, or is in the test set only
 */
export function splitByContent(
  manifest: readonly Image[],
  split: SplitParams,
  seed: number,
  groups: readonly Group[] = [],
): SplitRow[] {
  const drawn = manifest.filter((row) => row.set === 'train')
  const test = manifest.filter((row) => row.set === 'test')
  const labels = classesOf(drawn)
  checkLabels(labels, classesOf(test))
  const groupById = new Map(groups.flatMap((group, place) => group.map((id) => [id, `group ${place}`] as const)))
  const rows = labels.flatMap((label) => {
    const contents = contentsOf(
      drawn.filter((row) => row.label === label),
      ({ id, sha256 }) => groupById.get(id) ?? sha256,
      seed,
    )
    checkEnough(label, contents)
    const placed = strataOf(contents).flatMap((stratum) => cut(stratum, split))
    return fillEmpty(placed).flatMap(({ ids, part }) => ids.map((id) => ({ id, label, part })))
  })
  return sortedById([...rows, ...test.map(({ id, label }) => ({ id, label, part: 'test' as const }))])
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
  throw new DataError(
    `Expected ${MIN_CONTENTS} or more different images of ${label}, received ${contents.length}. Add images to ${paths.data}/train/${label} or remove the label.`,
  )
}

/** The contents of some images. Of several sources or hashes of one content, the first by code unit counts. */
function contentsOf(rows: readonly Image[], keyOf: (row: Image) => string, seed: number): Content[] {
  return [...Map.groupBy(rows, keyOf).values()].map((copies) => ({
    ids: copies.map((row) => row.id),
    source: copies.map((row) => row.source).sort()[0] ?? '',
    rank: sha256(`${seed}\u0000${copies.map((row) => row.sha256).sort()[0] ?? ''}`),
  }))
}

function strataOf(contents: readonly Content[]): Content[][] {
  const sources = [...Map.groupBy(contents, (content) => content.source).values()]
  const small = sources.filter((stratum) => stratum.length < MIN_STRATUM)
  return [...sources.filter((stratum) => stratum.length >= MIN_STRATUM), small.flat()]
}

function cut(stratum: readonly Content[], { train, validation }: SplitParams): Placed[] {
  const trainEnd = Math.round(stratum.length * train)
  const validationEnd = Math.round(stratum.length * (train + validation))
  return byRank(stratum).map((content, place) => ({
    ...content,
    part: place < trainEnd ? 'train' : place < validationEnd ? 'validation' : 'holdout',
  }))
}

/** Gives an empty train or validation part of a label the content nearest to it from the label's largest part. */
function fillEmpty(placed: readonly Placed[]): Placed[] {
  return (['train', 'validation'] as const).reduce<Placed[]>(
    (rows, wanted) => {
      if (rows.some((row) => row.part === wanted)) return rows
      const donors = DRAWN.map((part) => byRank(rows.filter((row) => row.part === part)))
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
