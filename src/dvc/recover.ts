import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { dvcCache } from '../core/dvc-objects.ts'
import { withFlock } from '../core/file-lock.ts'
import {
  fullDiskError,
  isAbandoned,
  readText,
  TEMPORARY_SUFFIX,
  temporaryName,
  writeFileAtomically,
} from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { openTree, resolveCommit } from '../git/read.ts'
import { parseLock, TruncatedLockError } from './lock.ts'

/** Held by DVC whenever it writes dvc.lock or its cache; not while a stage runs. */
const REPOSITORY_LOCK = '.dvc/tmp/lock'
/** The paths that DVC's processes read and write, and the lock that DVC holds to change this file. */
const RWLOCK = '.dvc/tmp/rwlock'
const RWLOCK_GUARD = '.dvc/tmp/rwlock.lock'

/** The last complete dvc.lock that was seen, below a line with the commit that was checked out. */
const KEPT = '.paddock/dvc.lock'

/** A DVC that holds its lock for longer is running, and there is nothing to clean up. */
const LOCK_TIMEOUT_S = 5

/**
 * Cleans up after a killed run: restores a truncated dvc.lock, and removes temporary files that no running process uses.
 *
 * @returns a line if dvc.lock was restored
 */
export async function recover(): Promise<string | undefined> {
  const restored = await restoreLock()
  await removeTemporaries()
  await keepLock()
  return restored
}

/** Keeps a copy of dvc.lock, which is newer than the one in git, unless it is truncated. */
export async function keepLock(): Promise<void> {
  const text = readText(paths.dvcLock)
  const copy = `# ${await readHead()}\n${text}`
  if (text === undefined || copy === readText(KEPT) || isTruncated(text)) return
  await writeFileAtomically(KEPT, copy)
}

/** Writes a small file to DVC's cache: DVC itself reports a full disk file by file. @throws FullDiskError when there is no room */
export async function expectRoomInCache(): Promise<void> {
  const cache = dvcCache('.')
  const probe = temporaryName(join(cache, 'probe'))
  try {
    await writeFile(probe, Buffer.alloc(PROBE_BYTES), { flush: true })
  } catch (error) {
    const remedy = 'What could not be stored is not in dvc.lock: free some space and run the same command again.'
    const full = fullDiskError(error, `DVC's cache, ${cache}`, remedy)
    if (full) throw full // DVC has reported anything else
  } finally {
    await rm(probe, { force: true })
  }
}

/** DVC copies in pieces of 1 MB, so that less than one may stay free. */
const PROBE_BYTES = 2 ** 20

async function restoreLock(): Promise<string | undefined> {
  if (!isTruncated(readText(paths.dvcLock))) return undefined
  return withFlock(REPOSITORY_LOCK, LOCK_TIMEOUT_S, async () => {
    if (!isTruncated(readText(paths.dvcLock))) return undefined // DVC was about to write it
    const found = 'dvc.lock was truncated, as by a killed run or a full disk'
    for (const { text, from } of await wholeLocks()) {
      if (isTruncated(text)) continue
      await writeFileAtomically(paths.dvcLock, text)
      return `${found}; restored ${from}`
    }
    await rm(paths.dvcLock)
    return `${found}; removed, since git has none: stages that were done come back from DVC's cache`
  })
}

/** Earlier versions of dvc.lock, the newest first: the copy, unless another commit has been checked out since, and git's. */
async function wholeLocks(): Promise<{ text: string; from: string }[]> {
  const head = await readHead()
  const [first = '', ...rest] = (readText(KEPT) ?? '').split('\n')
  const committed = head === '' ? undefined : openTree(head).read(paths.dvcLock)?.toString('utf8')
  return [
    ...(first === `# ${head}` ? [{ text: rest.join('\n'), from: 'the copy of the last run' }] : []),
    ...(committed === undefined ? [] : [{ text: committed, from: 'that of the last commit' }]),
  ]
}

/** Empty where nothing has been committed. */
async function readHead(): Promise<string> {
  return resolveCommit('HEAD').catch(() => '')
}

function isTruncated(text: string | undefined): boolean {
  if (text === undefined) return false
  try {
    parseLock(text)
    return false
  } catch (error) {
    return error instanceof TruncatedLockError // a conflict is for a person to resolve
  }
}

/** Removes a truncated rwlock that a killed DVC left in a checkout, unless another DVC is writing it. @returns a line for that */
export async function removeTruncatedRwlock(folder = '.'): Promise<string | undefined> {
  const rwlock = join(folder, RWLOCK)
  if (isJson(readText(rwlock))) return undefined
  return withFlock(join(folder, RWLOCK_GUARD), LOCK_TIMEOUT_S, async () => {
    if (isJson(readText(rwlock))) return undefined
    await rm(rwlock, { force: true })
    return `${RWLOCK} was truncated, as by a killed run; removed`
  })
}

function isJson(text: string | undefined): boolean {
  if (text === undefined) return true
  try {
    return JSON.parse(text) !== null
  } catch {
    return false
  }
}

/** Where stages and commands write temporary files and folders, besides the checkout itself and .paddock. */
const WRITTEN = ['artifacts', 'results', 'records', 'dvclive']

async function removeTemporaries(): Promise<void> {
  const below = (await Promise.all(WRITTEN.map((folder) => findTemporaries(folder, { recursive: true })))).flat()
  const beside = [...(await findTemporaries('.')), ...(await findTemporaries(dirname(KEPT)))]
  await removeAll([...below, ...beside].filter((path) => isAbandoned(basename(path))))
  const ofDvc = await stalled([...below, ...(await findInCache())].filter((path) => OF_DVC.test(basename(path))))
  if (ofDvc.length > 0) await withFlock(REPOSITORY_LOCK, LOCK_TIMEOUT_S, () => removeAll(ofDvc))
}

/** The temporary name of a file that DVC copies: `.wSpeTH0_91oDR0ISDAnDpg.tmp`. */
const OF_DVC = /^\.[\w-]{22}\.tmp$/

/** A file that is being written changes more often. An experiment beside this run writes to the same cache. */
const STALLED_MS = 60_000

async function stalled(files: readonly string[]): Promise<string[]> {
  const times = await Promise.all(files.map(async (file) => (await stat(file).catch(() => undefined))?.mtimeMs))
  return files.filter((_file, index) => Date.now() - (times[index] ?? Number.NaN) > STALLED_MS)
}

async function removeAll(found: readonly string[]): Promise<void> {
  for (const path of found) await rm(path, { recursive: true, force: true })
}

/** Temporary files in DVC's cache; a cache outside of the checkout may be shared with other machines, and is left alone. */
async function findInCache(): Promise<string[]> {
  const objects = '.dvc/cache/files/md5'
  const folders = (await readdir(objects).catch(() => [])).filter((name) => /^[0-9a-f]{2}$/.test(name))
  const found = await Promise.all(['', ...folders].map((name) => findTemporaries(join(objects, name))))
  return [...found.flat(), ...(await findTemporaries('.dvc/cache/runs', { recursive: true }))]
}

async function findTemporaries(folder: string, { recursive = false } = {}): Promise<string[]> {
  const names = await readdir(folder, { recursive }).catch(() => [])
  return names.filter((name) => name.endsWith(TEMPORARY_SUFFIX)).map((name) => join(folder, name))
}
