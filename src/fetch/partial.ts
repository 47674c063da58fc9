import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { z } from 'zod'
import { writeFileAtomically } from '../core/files.ts'
import type { Answer } from './request.ts'

/** By what a file on a server is known again when its download goes on. Source: RFC 9110, sections 8.8 and 13.1.5. */
const versionSchema = z.object({
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  /** Of the whole file; null where the server does not say. */
  sizeBytes: z.int().nullable(),
})
export type Version = z.infer<typeof versionSchema>

/** The beginning of a file, and of which one. */
export interface Begun {
  readonly doneBytes: number
  readonly version: Version
}

export const partOf = (path: string) => `${path}.part`
const versionOf = (path: string) => `${path}.part.json`

/** What is there of a file; nothing where it is not known of what it is the beginning. */
export async function readBegun(path: string): Promise<Begun | undefined> {
  const text = await readFile(versionOf(path), 'utf8').catch(() => '{}')
  const { data } = versionSchema.safeParse(parseJson(text))
  const part = await stat(partOf(path)).catch(() => undefined)
  return data && part && part.size > 0 ? { doneBytes: part.size, version: data } : undefined
}

/** Opens the part to be written on; from the beginning for `doneBytes` 0. */
export async function openPart(path: string, { doneBytes, version }: Begun) {
  if (doneBytes > 0) return open(partOf(path), 'a')
  const file = await open(partOf(path), 'w') // empty before its version is known, so that the two never disagree
  await writeFileAtomically(versionOf(path), `${JSON.stringify(version)}\n`)
  return file
}

export async function removePart(path: string): Promise<void> {
  await rm(partOf(path), { force: true })
}

/** The part is the whole: puts it in its place. */
export async function movePart(path: string): Promise<void> {
  await rename(partOf(path), path)
  await rm(versionOf(path), { force: true })
}

/** Asks for the rest, on the condition that it is the rest of the same file. */
export function rangeHeaders(begun: Begun | undefined): Record<string, string> {
  if (!begun) return {}
  const { etag, lastModified } = begun.version
  const condition = etag?.startsWith('"') ? etag : lastModified // a weak tag makes no condition
  return { range: `bytes=${begun.doneBytes}-`, ...(condition === null ? {} : { 'if-range': condition }) }
}

/** The version of the file that an answer, whole (200) or in part (206), is of. */
export function versionIn({ status, headers }: Pick<Answer, 'status' | 'headers'>): Version {
  const size = status === 206 ? headers.get('content-range')?.split('/')[1] : headers.get('content-length')
  return {
    etag: headers.get('etag'),
    lastModified: headers.get('last-modified'),
    sizeBytes: size && /^\d+$/.test(size) ? Number(size) : null,
  }
}

export function isSameVersion(one: Version, other: Version): boolean {
  return one.etag === other.etag && one.lastModified === other.lastModified && one.sizeBytes === other.sizeBytes
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
