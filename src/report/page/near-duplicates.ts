import { readCsv } from '../../core/csv.ts'
import { exists } from '../../core/files.ts'

const COLUMNS = ['group', 'id'] as const

/** Ids of the images of each group of near duplicates, in the order of the file; undefined where no search was made. */
export async function readNearDuplicates(path: string): Promise<string[][] | undefined> {
  if (!(await exists(path))) return undefined
  const groups = new Map<string, string[]>()
  for (const { group, id } of await readCsv(path, COLUMNS)) {
    groups.set(group, [...(groups.get(group) ?? []), id])
  }
  return [...groups.values()]
}
