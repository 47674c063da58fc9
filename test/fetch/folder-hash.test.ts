import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { hashFolder } from '../../src/fetch/folder-hash.ts'
import { writeTo } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

/**
 * What DVC 3.67.1 made of these files, in a new repository (`git init && dvc init`):
 *
 *   mkdir -p data/a data/a.b data/é data/.hid data/empty data/.git data/.hg
 *   for f in <the names below, with $'…' quoting>; do printf '%s\n' "$f" > "$f"; done
 *   ln -s a/1 data/link; ln -s a data/linkdir
 *   dvc add data && cat data.dvc
 */
const NAMES = [
  'data/.git/x', // DVC leaves out .git and .hg
  'data/.hg/x',
  'data/a/1',
  'data/a.b/1', // sorts before a/1
  'data/é/naïve 🐈.txt',
  'data/q"uote\\back.txt',
  'data/.hid/z',
  'data/.hidden',
  'data/a/new\nline',
  'data/a/.gitignore',
  'data/foo.dvc',
  'data/Thumbs.db',
  'data/\u007f', // Python escapes it, JSON.stringify does not
  'data/\ufffd',
  'data/\ue000', // sorts before the cat by code point, after it by UTF-16 unit
  'data/🐈',
]
const DVC_PIN = { md5: '864e402eafd40aabaef50646a2ca1a8a.dir', size: 196, nfiles: 15 }

describe('hashFolder', () => {
  it('gives the pin that DVC gave', async () => {
    for (const name of NAMES) await writeTo(join(folder.path, name), `${name}\n`)
    await symlink('a/1', join(folder.path, 'data/link'))
    await symlink('a', join(folder.path, 'data/linkdir'))
    expect(await hashFolder(join(folder.path, 'data'))).toEqual(DVC_PIN)
  })

  it('gives the pin of an empty list for an empty folder', async () => {
    // printf '[]' | md5sum
    expect(await hashFolder(folder.path)).toEqual({ md5: 'd751713988987e9331980363e24189ce.dir', size: 0, nfiles: 0 })
  })

  it('hashes a file that is larger than one read', async () => {
    // head -c 3000000 /dev/zero > data/zeros; the md5 of its list by Python's json and hashlib
    await writeFile(join(folder.path, 'zeros'), Buffer.alloc(3_000_000))
    expect(await hashFolder(folder.path)).toEqual({
      md5: 'e09c96bb6f7cd9d3799bc1505629ddfc.dir',
      size: 3_000_000,
      nfiles: 1,
    })
  })

  it('refuses a link that leads nowhere, as DVC does', async () => {
    await symlink('nowhere', join(folder.path, 'broken'))
    await expect(hashFolder(folder.path)).rejects.toThrow(DataError)
  })
})
