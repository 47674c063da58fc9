import type { Params } from '../command-line/params.ts'
import { classesOf } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import type { ManifestRow } from '../dataset/manifest.ts'
import type { Pair } from '../dataset/pairs.ts'
import { shortagesOf } from '../dvc/shortages.ts'
import { pluralize } from '../scores/format.ts'
import { clashesOf, type Group } from '../split/groups.ts'
import { splitByContent } from '../split/split.ts'

type Image = Omit<ManifestRow, 'width' | 'height'>

interface OutlookOptions extends Pick<Params, 'gate' | 'seed' | 'split'> {
  readonly groups?: readonly Group[]
  readonly pairs?: readonly Pair[]
}

/** What will not work with some images, before anything is trained: split is tried on them. */
export function describeOutlook(
  images: readonly Image[],
  { gate, seed, split, groups = [], pairs = [] }: OutlookOptions,
): string[] {
  const clashes = clashesOf(images, pairs).filter(({ certainty }) => certainty === 'certain')
  const clash = `split will stop: ${pluralize(clashes.length, 'pair of images shows', 'pairs of images show')} one photograph in both sets or under two labels; it lists them, and ${paths.exclude} (id,reason) leaves one of each out`
  return [...describeCaseVariants(classesOf(images)), ...(clashes.length > 0 ? [clash] : []), ...trySplit()]

  function trySplit(): string[] {
    try {
      return shortagesOf(splitByContent(images, split, seed, { groups }), { split, gate })
    } catch (error) {
      if (error instanceof DataError) return [`split will stop: ${error.message}`]
      throw error
    }
  }
}

/** A line for each set of classes that differ only in case. */
function describeCaseVariants(classes: readonly string[]): string[] {
  const alike = [...Map.groupBy(classes, (label) => label.toLowerCase()).values()].filter(({ length }) => length > 1)
  return alike.map(
    (labels) => `classes that differ only in case: ${labels.join(', ')}; if they are the same, rename a folder`,
  )
}
