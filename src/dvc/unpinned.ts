import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../core/errors.ts'
import { sha256, writeFileAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { describeFiles, type Remark } from '../dataset/manifest.ts'
import { type Pin, readPin } from '../dataset/pin.ts'
import { type HashedFile, hashFiles, pinOf } from '../fetch/folder-hash.ts'
import { isIgnored, listDataFiles, ORIGINS_FILE } from '../fetch/layout.ts'
import { openCheckout } from './checkout.ts'

/** The pin and the state of `data/` when they were last seen to agree. */
const SEEN = '.paddock/pinned-images'

/**
 * Refuses images that are not the pinned ones: DVC does not look at `data/` while fetch is up to date.
 *
 * A look at names, sizes and times is enough where nothing has changed since the last time; else every file is hashed.
 *
 * @throws DataError that lists the changes and how to take or drop them, or when there is no pin
 */
export async function checkPinned(): Promise<void> {
  const pin = await readPin()
  const files = await listDataFiles(paths.data).catch(() => [])
  if (files.length === 0) return
  const state = `${pin.md5} ${stateOf(files.map(({ id }) => id))}\n`
  if ((await readFile(SEEN, 'utf8').catch(() => '')) === state) return
  const found = await hashFiles(paths.data)
  const changes = pinOf(found).md5 === pin.md5 ? [] : changesSince(pin, found)
  if (changes.length > 0) throw unpinned(pin, changes)
  await writeFileAtomically(SEEN, state)
}

/** A hash of the names, sizes and times of files. */
function stateOf(ids: readonly string[]): string {
  const lines = [...ids].sort().map((id) => {
    const { size, mtimeMs } = statSync(join(paths.data, id), { throwIfNoEntry: false }) ?? {}
    return `${id}\u0000${size}\u0000${mtimeMs}`
  })
  return sha256(lines.join('\n'))
}

/** What differs, file by file where DVC's cache has the list of the pinned ones; what is no image by its name does not count. */
function changesSince(pin: Pin, found: readonly HashedFile[]): Remark[] {
  const pinned = openCheckout('.').cachedFiles(pin.md5)
  if (pinned === undefined) return [{ id: `${paths.data}/`, reason: `${found.length} files, ${pin.nfiles} pinned` }]
  const now = new Map(found.map(({ relpath, md5 }) => [relpath, md5]))
  const isImage = (id: string) => id.split('/').every((name) => name === ORIGINS_FILE || !isIgnored(name))
  return [...new Set([...pinned.keys(), ...now.keys()])]
    .filter((id) => isImage(id) && pinned.get(id) !== now.get(id))
    .sort()
    .map((id) => ({ id, reason: pinned.has(id) ? (now.has(id) ? 'changed' : 'removed') : 'added' }))
}

function unpinned(pin: Pin, changes: readonly Remark[]): DataError {
  const isCached = openCheckout('.').isCached(pin.md5)
  const accept = changes.some(({ id }) => id.startsWith('test/')) ? ', then `npm run accept-test-set`' : ''
  const drop = isCached
    ? `\`npm run dvc -- checkout --force ${paths.pin}\``
    : `move ${paths.data}/ away and run \`npm run repro -- fetch --force\``
  return new DataError(
    `Expected the pinned images in ${paths.data}/, received changes that ${paths.pin} does not have. To take them: \`npm run add\`${accept}. To drop them: ${drop}.${describeFiles(changes)}`,
  )
}
