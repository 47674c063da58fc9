import { basename, join } from 'node:path'
import { classesOf, writeCsv } from '../core/csv.ts'
import { writeFolderAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { Selection } from '../dataset/exclusions.ts'
import type { Pair } from '../dataset/pairs.ts'
import { describeParts, type SplitRow, writeSplit } from '../dataset/split.ts'
import { type Group, groupRows } from './groups.ts'

const GROUP_COLUMNS = ['group', 'id', 'label', 'part', 'nearest', 'kind', 'distance'] as const

/** The outcome of split. */
export interface SplitResult {
  readonly rows: readonly SplitRow[]
  readonly groups: readonly Group[]
  readonly pairs: readonly Pair[]
  readonly excluded: Selection['excluded']
}

/** Writes split.csv, groups.csv and excluded.csv, all or nothing. */
export async function writeSplitFolder(folder: string, { rows, groups, pairs, excluded }: SplitResult): Promise<void> {
  await writeFolderAtomically(folder, async (temporary) => {
    await writeSplit(join(temporary, basename(paths.split)), rows)
    await writeCsv(join(temporary, basename(paths.groups)), GROUP_COLUMNS, groupRows(groups, rows, pairs))
    await writeCsv(join(temporary, basename(paths.excluded)), ['id', 'label', 'set', 'reason'], excluded)
  })
}

/** `720 train, 90 validation, 90 holdout, 30 test images of 3 classes`, and the counts of excluded and grouped images. */
export function describeSplit({ rows, groups, excluded }: Pick<SplitResult, 'rows' | 'groups' | 'excluded'>): string {
  const grouped = groups.reduce((sum, group) => sum + group.length, 0)
  return [
    `${describeParts(rows)} images of ${classesOf(rows).length} classes`,
    ...(excluded.length > 0 ? [`${excluded.length} excluded`] : []),
    ...(grouped > 0 ? [`${grouped} duplicates kept together (${paths.groups})`] : []),
  ].join('; ')
}
