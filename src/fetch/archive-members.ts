import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { type Entry, openPromise } from 'yauzl'

/** One entry of an archive, from its header. */
export interface ArchiveMember {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'special file'
  /** Unpacked; the readers fail when more come out. */
  readonly bytes: number
}

/** Whether to unpack a member; called before a byte of it is unpacked, and may throw. */
export type Admit = (member: ArchiveMember) => boolean

/** An admitted member with its content. */
export interface OpenMember {
  readonly name: string
  read(): Promise<Uint8Array>
}

const GZIP = Buffer.from([0x1f, 0x8b])
const ZIP = Buffer.from('PK')
const USTAR_OFFSET = 257

/** The admitted members of a zip, tar or tar.gz archive, in its order. The format is detected by the first bytes. */
export async function* openMembers(archive: string, admit: Admit): AsyncGenerator<OpenMember> {
  const start = await readStart(archive)
  if (start.subarray(0, ZIP.length).equals(ZIP)) {
    yield* openZip(archive, admit)
  } else if (
    start.subarray(0, GZIP.length).equals(GZIP) ||
    start.toString('latin1', USTAR_OFFSET).startsWith('ustar')
  ) {
    yield* openTar(archive, admit)
  } else {
    throw new Error('another format than zip, tar or tar.gz')
  }
}

async function readStart(path: string): Promise<Buffer> {
  await using file = await open(path)
  const { buffer: start, bytesRead } = await file.read(Buffer.alloc(USTAR_OFFSET + 5))
  return start.subarray(0, bytesRead)
}

async function* openZip(archive: string, admit: Admit): AsyncGenerator<OpenMember> {
  const zip = await openPromise(archive, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true })
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName
    if (!admit({ name, kind: zipKind(entry), bytes: entry.uncompressedSize })) continue
    yield { name, read: async () => readWhole(await zip.openReadStreamPromise(entry), entry) }
  }
}

/** The content of a member, with its checksum checked, which yauzl does not do. */
async function readWhole(stream: Readable, { fileName, crc32: expected }: Entry): Promise<Buffer> {
  const content = await buffer(stream)
  if (crc32(content) === expected) return content
  throw new Error(`a member with a wrong checksum: ${JSON.stringify(fileName)}`)
}

/** From the Unix mode in the upper half of the attributes, which is 0 in archives made on other systems. */
function zipKind(entry: Entry): ArchiveMember['kind'] {
  const type = (entry.externalFileAttributes >>> 16) & 0o170000
  if (type === 0o120000) return 'link'
  if (type !== 0 && type !== 0o100000 && type !== 0o040000) return 'special file'
  return entry.fileName.endsWith('/') ? 'folder' : 'file'
}

const TAR_KINDS: Readonly<Record<string, ArchiveMember['kind']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  Link: 'link',
  SymbolicLink: 'link',
}

/** Reads the archive piece by piece, and yields the members that are complete after each. */
async function* openTar(archive: string, admit: Admit): AsyncGenerator<OpenMember> {
  const complete: OpenMember[] = []
  const failures: unknown[] = []
  const take = (entry: ReadEntry) => {
    try {
      const kind = (entry.ignore ? undefined : TAR_KINDS[entry.type]) ?? 'special file'
      if (!admit({ name: entry.path, kind, bytes: entry.size })) return void entry.resume()
      const chunks: Buffer[] = []
      entry.on('data', (chunk: Buffer) => chunks.push(chunk))
      entry.on('end', () => complete.push({ name: entry.path, read: async () => Buffer.concat(chunks) }))
    } catch (error) {
      failures.push(error)
      entry.resume()
    }
  }
  const parser = new Parser({ strict: true })
  parser.on('entry', take)
  parser.on('ignoredEntry', take)
  const ended = new Promise<void>((resolve) => {
    parser.on('end', resolve)
    parser.on('error', (error: unknown) => resolve(void failures.push(error)))
  })
  for await (const chunk of createReadStream(archive)) {
    parser.write(chunk)
    if (failures.length > 0) throw failures[0]
    yield* complete.splice(0)
  }
  parser.end()
  await ended
  if (failures.length > 0) throw failures[0]
  yield* complete
}
