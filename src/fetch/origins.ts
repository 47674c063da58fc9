import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCsv } from '../core/csv.ts'
import { DataError, messageOf } from '../core/errors.ts'

/** The file that tells where images came from, in `data/train/` and `data/test/`. */
export const ORIGINS_FILE = 'manifest.csv'

export const UNKNOWN_SOURCE = 'unknown'

const PATH = 'path'
const SOURCE_COLUMNS = ['source', 'source_repo'] as const

/**
 * Sources by id, from `train/manifest.csv` and `test/manifest.csv` where they are: columns `path`, relative to the file, and
 * `source` or `source_repo`.
 *
 * @throws DataError when such a file has other columns.
 */
export async function readOrigins(folder: string): Promise<Map<string, string>> {
  const sets = await Promise.all(['train', 'test'].map((set) => readOriginsOf(folder, set)))
  return new Map(sets.flat())
}

async function readOriginsOf(folder: string, set: string): Promise<(readonly [id: string, source: string])[]> {
  const path = join(folder, set, ORIGINS_FILE)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new DataError(`Expected to read ${path}, received: ${messageOf(error)}. Mend or remove it.`)
  })
  if (text === undefined) return []
  const column = sourceColumn(text, path)
  return parseCsv(text, [PATH, column], path).map((row) => {
    const relative = row[PATH].replace(/^\.\//, '')
    return [`${set}/${relative}`, row[column] || UNKNOWN_SOURCE] as const
  })
}

function sourceColumn(text: string, path: string): (typeof SOURCE_COLUMNS)[number] {
  const header = text.replace(/^\uFEFF/, '').split(/[\r\n]/, 1)[0] ?? ''
  const columns = header.split(',').map((name) => name.replaceAll('"', '').trim())
  const column = SOURCE_COLUMNS.find((name) => columns.includes(name))
  if (column) return column
  throw new DataError(
    `Expected the columns ${PATH} and ${SOURCE_COLUMNS.join(' or ')} in ${path}, received ${header || 'an empty file'}. Mend or remove it.`,
  )
}
