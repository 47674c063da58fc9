import type { Params } from '../command-line/params.ts'
import { classesOf, readCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { readExclusions } from '../dataset/exclusions.ts'
import type { SplitRow } from '../dataset/split.ts'
import { type DataImage, listDataImages, UNKNOWN_SOURCE } from '../fetch/layout.ts'
import { splitByContent } from '../split/split.ts'

/** The images in `data/` by their names, except those that fetch refused in its last run and those that are excluded. */
export async function listUsedImages(): Promise<DataImage[]> {
  const refused = await Promise.all(
    [readCsv(paths.rejected, ['id']), readExclusions()].map((rows) => rows.catch(() => [])),
  )
  const ids = new Set(refused.flat().map(({ id }) => id))
  return (await listDataImages(paths.data).catch(() => [])).filter(({ id }) => !ids.has(id))
}

/**
 * Why the gate will fail on the images in `data/` whatever is trained, a line each, from their names alone.
 *
 * Copies of one photograph count as several, as do files that fetch will refuse for the first time, so the result is an
 * estimate. What split itself refuses is for split to report.
 */
export async function findShortages({ split, gate, seed }: Params): Promise<string[]> {
  const images = await listUsedImages()
  const contents = images.map((image) => ({ ...image, sha256: image.id, source: UNKNOWN_SOURCE }))
  try {
    return shortagesOf(splitByContent(contents, split, seed), { split, gate, isEstimate: true })
  } catch (error) {
    if (error instanceof DataError) return []
    throw error
  }
}

/** Why the gate will fail on a split whatever is trained, a line each. */
export function shortagesOf(
  rows: readonly Pick<SplitRow, 'label' | 'part'>[],
  { split, gate, isEstimate = false }: Pick<Params, 'split' | 'gate'> & { readonly isEstimate?: boolean },
): string[] {
  const validation = rows.filter(({ part }) => part === 'validation').length
  const test = rows.filter(({ part }) => part === 'test')
  const classes = classesOf(rows.filter(({ part }) => part !== 'test'))
  const untested = classes.filter((label) => !test.some((row) => row.label === label))
  const inAll = Math.ceil(gate.minValidationImages / split.validation)
  const remedy = Number.isFinite(inAll) ? `have about ${inAll} images for training, or ` : ''
  return [
    ...(validation < gate.minValidationImages
      ? [
          `the gate will fail: it needs ${gate.minValidationImages} validation images (gate.minValidationImages), split gives ${isEstimate ? 'about ' : ''}${validation}; ${remedy}raise split.validation`,
        ]
      : []),
    ...(test.length < gate.minTestImages
      ? [
          `the gate will fail: it needs ${gate.minTestImages} test images (gate.minTestImages), there are ${test.length}; add test images`,
        ]
      : []),
    ...(test.length > 0 && untested.length > 0
      ? [`the gate will fail: it needs test images of every class, there are none of ${untested.join(', ')}`]
      : []),
  ]
}
