import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DataError, messageOf, PaddockError } from '../core/errors.ts'
import { fullDiskError } from '../core/files.ts'
import { type Admit, type ArchiveMember, openMembers } from './archive-members.ts'

/** How much an archive may unpack to, so that a small file cannot fill the disk. */
export interface ArchiveLimits {
  readonly members: number
  readonly memberBytes: number
  readonly totalBytes: number
}

const GIBIBYTE = 2 ** 30

/** Limits for an archive of that size. Images hardly compress: a factor of 100 is absurd. */
export function limitsFor(archiveBytes: number): ArchiveLimits {
  return { members: 2_000_000, memberBytes: GIBIBYTE / 4, totalBytes: GIBIBYTE + 100 * archiveBytes }
}

/** What to unpack, and where. */
export interface Extraction {
  readonly limits?: ArchiveLimits
  /** The path of a member in the folder, from its path in the archive; undefined: not unpacked. By default the same. */
  readonly placeOf?: (parts: readonly string[]) => readonly string[] | undefined
}

/**
 * Unpacks a zip or tar(.gz) archive into an empty folder.
 *
 * @throws DataError for links, devices, paths that leave the folder, absurd sizes, two members of one name, a damaged archive
 * or a full disk
 */
export async function extractArchive(archive: string, folder: string, extraction: Extraction = {}): Promise<void> {
  const { limits = limitsFor((await stat(archive)).size), placeOf = (parts) => parts } = extraction
  const admit = openGate(limits)
  const admitPlaced: Admit = (member) => admit(member) && placeOf(partsOf(member.name)) !== undefined
  await readingArchive(folder, async () => {
    for await (const { name, read } of openMembers(archive, admitPlaced)) {
      const path = join(folder, ...(placeOf(partsOf(name)) ?? []))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, await read(), { flag: 'wx' })
    }
  })
}

/** The paths of the files in an archive, each as its parts; unpacks nothing. @throws DataError as `extractArchive` does */
export async function listArchive(archive: string): Promise<string[][]> {
  const admit = openGate(limitsFor((await stat(archive)).size))
  const files: string[][] = []
  await readingArchive(dirname(archive), async () => {
    const list: Admit = (member) => {
      if (admit(member)) files.push(partsOf(member.name))
      return false
    }
    for await (const _none of openMembers(archive, list));
  })
  return files
}

async function readingArchive(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof PaddockError) throw error
    throw (
      fullDiskError(error, folder, 'Make room there and run it again.') ??
      new DataError(`Expected a whole zip or tar archive, received: ${messageOf(error)}. Make the archive again.`, {
        cause: error,
      })
    )
  }
}

/** Decides on each member by its header: true to unpack it, false to skip it. @throws DataError for a forbidden one */
function openGate(limits: ArchiveLimits): Admit {
  let members = 0
  let totalBytes = 0
  return ({ name, kind, bytes }) => {
    if (kind !== 'file' && kind !== 'folder') throw refusal(name, `a ${kind}`)
    const parts = partsOf(name)
    members += 1
    totalBytes += bytes
    if (bytes > limits.memberBytes) throw refusal(name, `${bytes} bytes, more than ${limits.memberBytes}`)
    if (members > limits.members) throw refusal(name, `more than ${limits.members} members`)
    if (totalBytes > limits.totalBytes) throw refusal(name, `more than ${limits.totalBytes} bytes in total`)
    return kind === 'file' && parts.length > 0 && parts[0] !== '__MACOSX'
  }
}

/** The path of a member, as its parts. @throws DataError when it leaves the folder */
function partsOf(name: string): string[] {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  const leaves = name.startsWith('/') || /^[a-z]:/i.test(name) || name.includes('\\') || parts.includes('..')
  if (leaves || /\p{Cc}/u.test(name)) throw refusal(name, 'a path that is absolute, leaves the folder or is not plain')
  return parts
}

function refusal(name: ArchiveMember['name'], reason: string): DataError {
  return new DataError(
    `Expected an archive of plain files and folders, received ${reason}: ${JSON.stringify(name)}. Make the archive again without it.`,
  )
}
