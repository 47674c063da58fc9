import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { parseCsv, parseCsvColumns } from '../core/csv.ts'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'
import { isIgnored, UNKNOWN_SOURCE } from '../fetch/layout.ts'

/** Labels of images in a table, and the options that name its columns. */
export interface LabelOptions {
  readonly file: string
  readonly pathColumn?: string | undefined
  readonly labelColumn?: string | undefined
}

/** A line of a table of labels. */
interface LabelRow {
  /** The image as the table has it: a path, a file name, or a name without its extension. */
  readonly name: string
  readonly label: string
  readonly source: string
}

/** The label and source of an image. */
export type Labelled = Pick<LabelRow, 'label' | 'source'>

/** The labels of a table, by path of a file. */
export interface LabelTable {
  readonly labels: ReadonlyMap<string, Labelled>
  /** Names in the table that no file has. */
  readonly missing: readonly string[]
}

const PATH_COLUMNS = ['path', 'id']
const LABEL_COLUMN = 'label'
const SOURCE_COLUMN = 'source'
const LONGEST_NAME_BYTES = 255

/**
 * Reads a table of labels and finds its images among some files.
 *
 * @param paths of the files, below their folder
 * @throws ConfigError, DataError when the file cannot be read, has other columns, or labels that cannot be folder names, or
 * an image has two labels or is named like several files
 */
export async function readLabelTable(options: LabelOptions, paths: readonly string[]): Promise<LabelTable> {
  const rows = await readRows(options)
  for (const row of rows) checkLabel(row, options.file)
  const find = openFinder(paths)
  const labels = new Map<string, Labelled>()
  const missing: string[] = []
  for (const { name, label, source } of rows) {
    const [path, ...others] = find(name)
    if (path === undefined) {
      missing.push(name)
      continue
    }
    if (others.length > 0) {
      throw new DataError(
        `Expected one file for ${JSON.stringify(name)} in ${options.file}, received ${[path, ...others].join(', ')}. Write the path below the folder.`,
      )
    }
    const known = labels.get(path)
    if (known !== undefined && known.label !== label) {
      throw new DataError(
        `Expected one label for ${JSON.stringify(name)} in ${options.file}, received ${known.label} and ${label}. Keep one of the lines.`,
      )
    }
    labels.set(path, { label, source })
  }
  return { labels, missing }
}

async function readRows({ file, pathColumn, labelColumn = LABEL_COLUMN }: LabelOptions): Promise<LabelRow[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError(`Expected a table of labels at ${file}, received: ${messageOf(error)}. Name another.`)
  })
  const columns = parseCsvColumns(text, file)
  const path = pathColumn ?? PATH_COLUMNS.find((name) => columns.includes(name))
  if (path === undefined || ![path, labelColumn].every((name) => columns.includes(name))) {
    const remedy = remedyFor(columns, { path, labelColumn })
    throw new ConfigError(
      `Expected the columns ${path ?? 'path or id'} and ${labelColumn} in ${file}, received ${columns.join(', ') || 'an empty file'}. ${remedy}`,
    )
  }
  const hasSource = columns.includes(SOURCE_COLUMN)
  return parseCsv(text, [path, labelColumn, ...(hasSource ? [SOURCE_COLUMN] : [])], file)
    .map((row) => ({
      name: posix.normalize((row[path] ?? '').trim().normalize().replaceAll('\\', '/')),
      label: (row[labelColumn] ?? '').trim().normalize(),
      source: row[SOURCE_COLUMN] || UNKNOWN_SOURCE,
    }))
    .filter(({ label }) => label !== '')
}

function remedyFor(
  columns: readonly string[],
  { path, labelColumn }: { path: string | undefined; labelColumn: string },
) {
  if (columns.length === 1 && /[;\t]/.test(columns[0] ?? '')) return 'Separate the columns by commas.'
  if (columns.some((name) => /\.(jpe?g|png|webp|gif|tiff?|avif|bmp)$/i.test(name)))
    return 'Add a header line path,label: the first line is not one.'
  const missing = [
    ...(columns.includes(path ?? '') ? [] : ['--path-column NAME']),
    ...(columns.includes(labelColumn) ? [] : ['--label-column NAME']),
  ]
  return `Name ${missing.length === 1 ? 'one' : 'two'} of them: ${missing.join(' ')}.`
}

/** @throws DataError for a label that cannot be the name of a class's folder */
export function checkLabel({ label }: { readonly label: string }, place: string): void {
  const isFolderName = !/[/\p{Cc}\p{Cs}]/u.test(label) && !isIgnored(label)
  if (isFolderName && Buffer.byteLength(label) <= LONGEST_NAME_BYTES) return
  throw new DataError(
    `Expected labels in ${place} that can be names of folders, received ${JSON.stringify(label)}. Write it without a slash or control character, without a dot at its start, and in ${LONGEST_NAME_BYTES} bytes at most.`,
  )
}

/**
 * Finds the files that a name in a table may mean: the one at that path, else those that end in it or that it ends in.
 * Accents count the same composed and decomposed, as macOS writes them.
 */
function openFinder(paths: readonly string[]): (name: string) => string[] {
  const files = paths.map((path) => ({ path, name: path.normalize() }))
  const byPath = new Map(files.map((file) => [file.name, file]))
  const byName = Map.groupBy(files, ({ name }) => posix.basename(name))
  const byStem = Map.groupBy(files, ({ name }) => posix.parse(name).name)
  return (name) => {
    const same = byPath.get(name)
    if (same) return [same.path]
    const base = posix.basename(name)
    const [candidates, strip] = byName.has(base)
      ? [byName.get(base) ?? [], (path: string) => path]
      : [byStem.get(base) ?? [], withoutExtension]
    const found = candidates.filter((file) => isEndOf(strip(file.name), name) || isEndOf(name, strip(file.name)))
    return found.map(({ path }) => path)
  }
}

function withoutExtension(path: string): string {
  return path.slice(0, path.length - posix.extname(path).length)
}

function isEndOf(end: string, whole: string): boolean {
  return whole === end || whole.endsWith(`/${end}`)
}
