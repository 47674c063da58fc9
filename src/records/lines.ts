import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { DataError, messageOf } from '../core/errors.ts'
import { writeFileAtomically } from '../core/files.ts'

/** A file of records: one JSON object a line, each identity once. Lines are only ever added, so git can unite two branches. */
export interface RecordFile<Entry> {
  readonly path: string
  /** The schema's keys are written in its order. */
  readonly schema: z.ZodType<Entry>
  /** Two entries of one identity are the same record. */
  readonly identity: (entry: Entry) => string
}

/** The entries of a file, each identity once, in order; none where the file does not exist. @throws DataError naming a bad line */
export async function readRecords<Entry>(file: RecordFile<Entry>): Promise<Entry[]> {
  return parseRecords(file, await readText(file.path))
}

/** The same from the text of the file. */
export function parseRecords<Entry>({ path, schema, identity }: RecordFile<Entry>, text: string): Entry[] {
  return unique(identity, [], parseLines(text, path, schema))
}

/**
 * Appends the entries whose identity the file lacks, whole or not at all.
 *
 * @returns those that were added
 * @throws DataError naming a bad line
 */
export async function appendRecords<Entry>(file: RecordFile<Entry>, entries: readonly Entry[]): Promise<Entry[]> {
  const { path, schema, identity } = file
  const text = await readText(path)
  const added = unique(identity, parseLines(text, path, schema), entries)
  if (added.length === 0) return []
  const end = text === '' || text.endsWith('\n') ? '' : '\n'
  const lines = added.map((entry) => `${JSON.stringify(schema.parse(entry))}\n`)
  await writeFileAtomically(path, text + end + lines.join(''))
  return added
}

/** The entries whose identity is not among the known ones, each identity once. */
export function unique<Entry>(
  identity: (entry: Entry) => string,
  known: readonly Entry[],
  entries: readonly Entry[],
): Entry[] {
  const seen = new Set(known.map(identity))
  return entries.filter((entry) => {
    const isNew = !seen.has(identity(entry))
    seen.add(identity(entry))
    return isNew
  })
}

function parseLines<Entry>(text: string, path: string, schema: z.ZodType<Entry>): Entry[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      return [schema.parse(JSON.parse(line))]
    } catch (error) {
      const problem = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
      throw new DataError(
        `Expected a record in line ${index + 1} of ${path}, received: ${problem}. Restore the line from git.`,
        { cause: error },
      )
    }
  })
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}
