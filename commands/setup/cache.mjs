/**
 * The per-user cache, where everything large lives by the digest of what it was made from.
 *
 *   runtime/<digest>/tensorflow/…         the shared libraries and the C headers of the pinned wheels
 *   runtime/<digest>/installed.json       the digests of the libraries
 *   binding/<digest>/tfjs_binding.node    the compiled binding, and a link to its runtime
 *   resize/<digest>/resize.node           the compiled resize of images
 *   uv/<digest>/bin/uv                    the installer of the Python packages
 *   ci-tools/…                            what the tests of the workflows need
 *   locks/…                               of what is being made
 */
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { failureOf, SetupFailure } from './failure.mjs'
import { withLock } from './lock.mjs'

/** The cache's folder: PADDOCK_CACHE, else the place that XDG names, else ~/.cache/paddock. */
export function cacheFolder(env = process.env) {
  if (env.PADDOCK_CACHE) return path.resolve(env.PADDOCK_CACHE)
  return path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'paddock')
}

/** Makes the cache's folder. What cannot be used is refused before anything is downloaded. */
export function makeCacheFolder() {
  try {
    mkdirSync(cacheFolder(), { recursive: true })
    accessSync(cacheFolder(), constants.W_OK)
  } catch (error) {
    throw new SetupFailure(failureOf(error).problem, 'Set PADDOCK_CACHE to a folder that can be written to.', {
      cause: error,
    })
  }
}

/** Sixteen hexadecimal digits of the SHA-256 of some texts and their lengths. */
export function digestOf(...texts) {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${text.length}:`).update(text)
  return hash.digest('hex').slice(0, 16)
}

/**
 * Makes `folder` once: `make` fills a folder beside it, which gets its name when it is complete.
 *
 * One process at a time; the others wait and find it there.
 */
export async function makeOnce(folder, make) {
  await withLock(lockOf(folder), async () => {
    if (existsSync(folder)) return
    const unfinished = `${folder}.unfinished`
    rmSync(unfinished, { recursive: true, force: true })
    mkdirSync(unfinished, { recursive: true })
    await make(unfinished)
    renameSync(unfinished, folder)
  })
}

/** The lock of a folder in the cache. */
export function lockOf(folder) {
  return path.join(cacheFolder(), 'locks', path.relative(cacheFolder(), folder).replaceAll('/', '-'))
}
