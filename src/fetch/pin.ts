import { createHash } from 'node:crypto'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pMap from 'p-map'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'
import { paths } from '../core/paths.ts'

/** What DVC knows of a folder: its hash, all bytes and all files. */
export interface Pin {
  /** `<32 hexadecimal digits>.dir` */
  readonly md5: string
  readonly size: number
  readonly nfiles: number
}

const DIR_HASH = /^[0-9a-f]{32}\.dir$/
const FILES_AT_ONCE = 8
const CHUNK_BYTES = 2 ** 20

/** Names that DVC leaves out of every folder, whatever .dvcignore says. Source: dvc/ignore.py, DvcIgnoreFilter. */
const IGNORED_FOLDERS = new Set(['.hg', '.git', '.dvc'])
const IGNORED_FILES = new Set(['.git'])

const pinFile = z.object({
  outs: z.tuple([z.object({ md5: z.string().regex(DIR_HASH), size: z.int(), nfiles: z.int() })]),
})

/** The pin that a file like data.dvc holds. @throws DataError when it holds none. */
export async function readPin(path: string = paths.pin): Promise<Pin> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DataError(
      `Expected the pin of the images in ${path}, received: ${messageOf(error)}. Run \`npm run use\`.`,
    )
  })
  const { data } = pinFile.safeParse(parseYaml(text))
  if (data) return data.outs[0]
  throw new DataError(
    `Expected one folder with md5, size and nfiles in ${path}, received something else. Run \`npm run dvc -- add data\`.`,
  )
}

/** The hash in an argument of the command line. @throws ConfigError when it is none. */
export function parsePin(argument: string | undefined): string {
  if (argument !== undefined && DIR_HASH.test(argument)) return argument
  throw new ConfigError(
    `Expected the pin of the images (32 hexadecimal digits and .dir), received ${argument ? JSON.stringify(argument) : 'nothing'}. Start it with \`npm run repro\`, which takes the pin from ${paths.pin}.`,
  )
}

/**
 * The pin of a folder as `dvc add` gives it: MD5 of Python's `json.dumps` of the list of files, sorted by path.
 *
 * As DVC does, links to files count as the files and links to folders not at all. .dvcignore is not read.
 *
 * @throws DataError when something in it is neither file nor folder, or cannot be read.
 */
export async function hashFolder(path: string): Promise<Pin> {
  const relpaths = (await listFiles(path, '')).sort(byCodePoint)
  const files = await pMap(relpaths, (relpath) => hashFile(path, relpath), { concurrency: FILES_AT_ONCE })
  return {
    md5: folderHash(files),
    size: files.reduce((sum, { size }) => sum + size, 0),
    nfiles: files.length,
  }
}

/** The hash of a folder from those of its files, which stand in the order of their paths by code point. */
export function folderHash(files: readonly { readonly relpath: string; readonly md5: string }[]): string {
  const list = files.map(({ relpath, md5 }) => `{"md5": "${md5}", "relpath": ${pythonString(relpath)}}`)
  return `${createHash('md5')
    .update(`[${list.join(', ')}]`)
    .digest('hex')}.dir`
}

async function listFiles(root: string, below: string): Promise<string[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true })
  const nested = entries.map(async (entry) => {
    const relpath = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) return IGNORED_FOLDERS.has(entry.name) ? [] : listFiles(root, relpath)
    if (IGNORED_FILES.has(entry.name)) return []
    if (entry.isSymbolicLink() && (await isFolder(join(root, relpath)))) return []
    return [relpath]
  })
  return (await Promise.all(nested)).flat()
}

async function isFolder(link: string): Promise<boolean> {
  return stat(link).then(
    (target) => target.isDirectory(),
    () => false,
  )
}

async function hashFile(root: string, relpath: string): Promise<{ relpath: string; md5: string; size: number }> {
  const path = join(root, relpath)
  try {
    const file = await stat(path)
    if (!file.isFile()) throw new Error('neither a file nor a folder')
    return { relpath, md5: await readMd5(path, file.size), size: file.size }
  } catch (error) {
    throw new DataError(`Expected to read ${JSON.stringify(path)}, received: ${messageOf(error)}. Remove or mend it.`, {
      cause: error,
    })
  }
}

/** By plain reads, since a stream a photograph costs more than hashing it. */
async function readMd5(path: string, size: number): Promise<string> {
  const hash = createHash('md5')
  const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(size, CHUNK_BYTES)))
  const file = await open(path)
  try {
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(chunk.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

/** Python sorts by code point, and so do the bytes of UTF-8; JavaScript's `<` sorts by UTF-16 unit. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** A string as Python's `json.dumps` writes it: everything but printable ASCII escaped. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function parseYaml(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
