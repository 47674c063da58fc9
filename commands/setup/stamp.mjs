/**
 * TensorFlow's shared libraries as they were installed: size, time, inode and SHA-256 of each, in the runtime's folder.
 *
 * Every start compares size, time and inode (src/tensorflow/installed.ts), and finds the folder by a link beside the binding.
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { bindingFile } from './binding.mjs'
import { lockOf } from './cache.mjs'
import { isLinked, makeLink } from './links.mjs'
import { withLock } from './lock.mjs'
import { runtimeFolder } from './runtime.mjs'

/** Whether the libraries' digests are stored, and the binding links to their folder. */
export function isStamped(root, pins) {
  return existsSync(stampFile(pins)) && isLinked(linkFile(root, pins), runtimeFolder(pins))
}

/** Stores the digests of the libraries, unless they are stored already. */
export async function stampLibraries(root, pins) {
  const folder = runtimeFolder(pins)
  await withLock(lockOf(stampFile(pins)), async () => {
    if (!existsSync(stampFile(pins))) {
      const libraries = []
      for (const name of listLibraries(folder)) {
        const { size, mtimeMs, ino } = statSync(path.join(folder, name))
        libraries.push({ path: name, size, mtimeMs, ino, sha256: await hash(path.join(folder, name)) })
      }
      writeFileSync(`${stampFile(pins)}.unfinished`, `${JSON.stringify(libraries, null, 2)}\n`)
      renameSync(`${stampFile(pins)}.unfinished`, stampFile(pins))
    }
    makeLink(linkFile(root, pins), folder)
  })
}

/** Hashes the libraries again. @returns their number, and the paths of those that are not as they were installed */
export async function examineLibraries(pins) {
  const folder = runtimeFolder(pins)
  const libraries = JSON.parse(readFileSync(stampFile(pins), 'utf8'))
  const changed = []
  for (const { path: name, sha256 } of libraries) {
    const file = path.join(folder, name)
    if (!existsSync(file) || (await hash(file)) !== sha256) changed.push(file)
  }
  return { count: libraries.length, changed }
}

function stampFile(pins) {
  return path.join(runtimeFolder(pins), 'installed.json')
}

function linkFile(root, pins) {
  return path.join(path.dirname(bindingFile(root, pins)), 'runtime')
}

function listLibraries(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => /\.so(\.\d+)*$/.test(name) && statSync(path.join(folder, name)).isFile())
    .sort()
}

async function hash(file) {
  const digest = createHash('sha256')
  await pipeline(createReadStream(file), digest)
  return digest.digest('hex')
}
