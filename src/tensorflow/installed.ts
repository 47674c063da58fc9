import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, readSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A shared library of TensorFlow as set-up installed it: commands/setup/stamp.mjs writes these. */
interface Library {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
  readonly ino: number
  readonly sha256: string
}

const CHUNK_BYTES = 2 ** 22

/**
 * The path of a library that is not as set-up installed it; undefined where all are, or if an older set-up stored no digests.
 *
 * Compares sizes, times and inodes, which takes a millisecond. Libraries that were moved or copied have other times and inodes:
 * they are hashed, once where the stamp can be written. `npm run doctor -- --deep` hashes all of them.
 */
export function findChangedLibrary(runtime: string): string | undefined {
  const stamp = join(runtime, 'installed.json')
  if (!existsSync(stamp)) return undefined
  const libraries = JSON.parse(readFileSync(stamp, 'utf8')) as Library[]
  const now = libraries.map((library) => ({ ...library, ...stateOf(join(runtime, library.path)) }))
  const moved = libraries.filter(
    ({ mtimeMs, ino }, index) => mtimeMs !== now[index]?.mtimeMs || ino !== now[index]?.ino,
  )
  const isChanged = ({ path, size, sha256 }: Library) =>
    stateOf(join(runtime, path)).size !== size || sha256Of(join(runtime, path)) !== sha256
  const changed = moved.find(isChanged)
  if (changed) return join(runtime, changed.path)
  if (moved.length > 0) saveStamp(stamp, now)
  return undefined
}

function stateOf(path: string): Pick<Library, 'size' | 'mtimeMs' | 'ino'> {
  const { size, mtimeMs, ino } = statSync(path, { throwIfNoEntry: false }) ?? { size: -1, mtimeMs: -1, ino: -1 }
  return { size, mtimeMs, ino }
}

/** Reads in chunks, not as a stream: a static import cannot wait for one. */
function sha256Of(path: string): string {
  const [hash, chunk] = [createHash('sha256'), Buffer.alloc(CHUNK_BYTES)]
  const file = openSync(path, 'r')
  try {
    for (let count = readSync(file, chunk); count > 0; count = readSync(file, chunk))
      hash.update(chunk.subarray(0, count))
    return hash.digest('hex')
  } finally {
    closeSync(file)
  }
}

function saveStamp(stamp: string, libraries: readonly Library[]): void {
  const temporary = `${stamp}.${process.pid}`
  try {
    writeFileSync(temporary, `${JSON.stringify(libraries, null, 2)}\n`)
    renameSync(temporary, stamp)
  } catch {
    // a read-only cache: the next start hashes again
  }
}
