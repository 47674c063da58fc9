import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { parse } from 'yaml'
import { isSection } from '../config/section.ts'
import { paths } from '../core/paths.ts'
import { type LockedEntry, parseLock } from '../dvc/lock.ts'
import type { Workspace } from '../dvc/staleness.ts'

/** Sizes in bytes of the objects in DVC's cache, by hash. */
export type Objects = ReadonlyMap<string, number>

/** A branch, tag or the checkout, with the objects of the cache that it needs. */
export interface Need {
  readonly name: string
  readonly objects: ReadonlySet<string>
}

/** What the cache holds for one need. */
export interface Use {
  readonly name: string
  readonly bytes: number
  /** Bytes that nothing else needs. */
  readonly aloneBytes: number
}

/** What each need takes, and what is left over. */
export function cacheUse(
  objects: Objects,
  needs: readonly Need[],
): { uses: Use[]; totalBytes: number; unusedBytes: number } {
  const counts = new Map<string, number>()
  for (const { objects } of needs) for (const hash of objects) counts.set(hash, (counts.get(hash) ?? 0) + 1)
  const bytes = (hashes: Iterable<string>) => [...hashes].reduce((sum, hash) => sum + (objects.get(hash) ?? 0), 0)
  return {
    uses: needs.map((need) => ({
      name: need.name,
      bytes: bytes(need.objects),
      aloneBytes: bytes([...need.objects].filter((hash) => counts.get(hash) === 1)),
    })),
    totalBytes: bytes(objects.keys()),
    unusedBytes: bytes([...objects.keys()].filter((hash) => !counts.has(hash))),
  }
}

/** The objects of DVC's cache. */
export async function readObjects(cache: string): Promise<Objects> {
  const root = join(cache, 'files/md5')
  const names = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const sized = files.map(
    async (path) => [path.slice(root.length + 1).replace('/', ''), (await stat(path)).size] as const,
  )
  return new Map(await Promise.all(sized))
}

/** What `ref` needs by its dvc.lock and data.dvc; without a ref, the checkout. Folders count with their files, where the cache lists them. */
export async function readNeed(name: string, ref: string | undefined, workspace: Workspace): Promise<Need> {
  const show = async (file: string) => {
    const { stdout, exitCode } =
      ref === undefined
        ? await execa('cat', [file], { reject: false })
        : await execa('git', ['show', `${ref}:${file}`], { reject: false, stripFinalNewline: false })
    return exitCode === 0 ? (ref === undefined ? `${stdout}\n` : stdout) : undefined
  }
  const [lock, pin] = await Promise.all([show(paths.dvcLock), show(paths.pin)])
  const pinned: unknown = pin === undefined ? undefined : parse(pin)
  const entries = [
    ...(lock === undefined ? [] : [...parseLock(lock, `${name}'s dvc.lock`).values()].flatMap(({ outs }) => outs)),
    ...(isSection(pinned) && Array.isArray(pinned.outs) ? (pinned.outs as LockedEntry[]) : []),
  ]
  const hashes = entries.flatMap(({ md5 }) =>
    md5 === undefined ? [] : [md5, ...(workspace.filesOf(md5)?.values() ?? [])],
  )
  return { name, objects: new Set(hashes) }
}
