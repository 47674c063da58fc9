import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import type { z } from 'zod'
import { DataError, messageOf } from './errors.ts'
import { writeFileAtomically } from './files.ts'
import { compareNames } from './names.ts'

/** One line of a CSV file, by column. */
export type CsvRow<Column extends string> = Readonly<Record<Column, string>>

/**
 * The named columns of a CSV file with a header.
 *
 * @throws DataError when the file cannot be read or a column is missing.
 */
export async function readCsv<Column extends string>(
  path: string,
  columns: readonly Column[],
): Promise<CsvRow<Column>[]> {
  return parseCsv(await readText(path), columns, path)
}

/**
 * The rows of a CSV file with the columns of a schema.
 *
 * @throws DataError when the file cannot be read, or with the first line that the schema refuses and the remedy
 */
export async function readRows<Schema extends z.ZodObject>(
  path: string,
  schema: Schema,
  remedy: string,
): Promise<z.infer<Schema>[]> {
  const columns = Object.keys(schema.shape)
  const text = await readText(path)
  return parseCsv(text, columns, path, remedy).map((row, place) => {
    const { success, data } = schema.safeParse(row)
    if (success) return data
    const [line, received] = [lineOf(text, place + 1), formatLine(Object.values(row))]
    throw new DataError(`Expected ${columns.join(',')} in line ${line} of ${path}, received ${received}. ${remedy}`)
  })
}

/** The columns of a CSV file, in order. @throws DataError when the file cannot be read. */
export async function readCsvColumns(path: string): Promise<string[]> {
  return parseCsvColumns(await readText(path), path)
}

/** The columns of a CSV text, in order. */
export function parseCsvColumns(text: string, name: string): string[] {
  return parseLines(text, name, AGAIN, 1)[0] ?? []
}

/** The rows of a CSV text. `name` is the file's name in messages. */
export function parseCsv<Column extends string>(
  text: string,
  columns: readonly Column[],
  name: string,
  remedy = AGAIN,
): CsvRow<Column>[] {
  const [header = [], ...lines] = parseLines(text, name, remedy)
  const missing = columns.filter((column) => !header.includes(column))
  if (missing.length > 0) {
    throw new DataError(
      `Expected the columns ${columns.join(', ')} in ${name}, received ${header.join(', ') || 'an empty file'}. ${remedy}`,
    )
  }
  const indices = columns.map((column) => [column, header.indexOf(column)] as const)
  return lines.map(
    (line) => Object.fromEntries(indices.map(([column, index]) => [column, line[index] ?? ''])) as CsvRow<Column>,
  )
}

/**
 * A CSV text with a header, `\n` as line end, and quotes only where needed.
 *
 * @param forPeople no program reads it: an apostrophe precedes a text that a spreadsheet would take for a formula
 */
export function formatCsv<Column extends string>(
  columns: readonly Column[],
  rows: readonly Readonly<Record<Column, string | number>>[],
  { forPeople = false }: { readonly forPeople?: boolean } = {},
): string {
  return stringify(
    rows.map((row) => columns.map((column) => row[column])),
    { header: true, columns: [...columns], escape_formulas: forPeople },
  )
}

/** A line of a CSV text, without its end. */
export function formatLine(
  cells: readonly (string | number)[],
  { forPeople = false }: { readonly forPeople?: boolean } = {},
): string {
  return stringify([cells], { escape_formulas: forPeople, eof: false })
}

/** Writes a CSV file whole, or not at all. */
export async function writeCsv<Column extends string>(
  path: string,
  columns: readonly Column[],
  rows: readonly Readonly<Record<Column, string | number>>[],
  options?: { readonly forPeople?: boolean },
): Promise<void> {
  await writeFileAtomically(path, formatCsv(columns, rows, options))
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new DataError(`Expected a CSV file at ${path}, received: ${messageOf(error)}. Run the stage that writes it.`)
  })
}

const AGAIN = 'Write the file again.'
const FORMAT = { bom: true, skip_empty_lines: true } as const

/** The records of a CSV text, or the first `most`. */
function parseLines(text: string, name: string, remedy = AGAIN, most = -1): string[][] {
  try {
    return parse(text, { ...FORMAT, to: most })
  } catch (error) {
    throw new DataError(`Expected ${name} to be a CSV file, received: ${messageOf(error)}. ${remedy}`)
  }
}

/** The line, from 1, in which a record of a CSV text ends. */
function lineOf(text: string, record: number): number | undefined {
  const records = parse(text, { ...FORMAT, info: true }) as unknown as { readonly info: { readonly lines: number } }[]
  return records[record]?.info.lines
}

/** The class list of some rows: their labels, each once, sorted by `compareNames`. The classes of the project come from here, never from code. */
export function classesOf(rows: readonly { readonly label: string }[]): string[] {
  return [...new Set(rows.map((row) => row.label))].sort(compareNames)
}

/** The rows in order of their ids, by code unit. */
export function sortedById<Row extends { readonly id: string }>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
