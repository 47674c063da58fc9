import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { z } from 'zod'
import { writeFileAtomically } from '../core/files.ts'

/** What identifies the version of a file on a server. Source: RFC 9110, sections 8.8 and 13.1.5. */
const versionSchema = z.object({
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  /** Of the whole file; null where the server does not say. */
  sizeBytes: z.int().nullable(),
})
type Version = z.infer<typeof versionSchema>

/** The downloaded beginning of a file: `<path>.part`, with its version in `<path>.part.json`. */
export interface Part {
  readonly doneBytes: number
  readonly version: Version
}

/** Where the part of a file lies. */
export const partPath = (path: string) => `${path}.part`
const versionOf = (path: string) => `${path}.part.json`

/** The part of a file; undefined where there is none, or none whose version is known: a size alone identifies nothing. */
export async function readPart(path: string): Promise<Part | undefined> {
  try {
    const version = versionSchema.parse(JSON.parse(await readFile(versionOf(path), 'utf8')))
    const { size } = await stat(partPath(path))
    const isKnown = version.etag !== null || version.lastModified !== null
    return isKnown && size > 0 ? { doneBytes: size, version } : undefined
  } catch {
    return undefined
  }
}

/** Opens the part for appending; with `doneBytes` 0 an empty one. */
export async function openPart(path: string, { doneBytes, version }: Part): Promise<FileHandle> {
  if (doneBytes > 0) return open(partPath(path), 'a')
  const file = await open(partPath(path), 'w') // emptied before the version is written, so that the two never disagree
  await writeFileAtomically(versionOf(path), `${JSON.stringify(version)}\n`)
  return file
}

export async function removePart(path: string): Promise<void> {
  await rm(partPath(path), { force: true })
  await rm(versionOf(path), { force: true })
}

/** Renames a part that is whole to the file itself. */
export async function finishPart(path: string): Promise<void> {
  await rename(partPath(path), path)
  await rm(versionOf(path), { force: true })
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** The headers of a request for the rest of a file, on the condition that its version is still the same. */
export function rangeHeaders(part: Part | undefined): Record<string, string> {
  if (!part) return {}
  const { etag, lastModified } = part.version
  const condition = etag?.startsWith('"') ? etag : lastModified // a weak tag is no condition
  return { range: `bytes=${part.doneBytes}-`, ...(condition === null ? {} : { 'if-range': condition }) }
}

/** The version of the file that a response, whole (200) or in part (206), belongs to. */
export function versionIn(statusCode: number, headers: Headers): Version {
  const size =
    statusCode === 206 ? headerOf(headers, 'content-range')?.split('/')[1] : headerOf(headers, 'content-length')
  return {
    etag: headerOf(headers, 'etag') ?? null,
    lastModified: headerOf(headers, 'last-modified') ?? null,
    sizeBytes: size && /^\d+$/.test(size) ? Number(size) : null,
  }
}

/** The one value of a header; the first of several. */
export function headerOf(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
