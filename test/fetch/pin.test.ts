import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/core/errors.ts'
import { hashFolder, parsePin, readPin } from '../../src/fetch/pin.ts'
import { writeTo } from '../support/images.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-pin-'))
})
afterEach(() => rm(folder, { recursive: true }))

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
    for (const name of NAMES) await writeTo(join(folder, name), `${name}\n`)
    await symlink('a/1', join(folder, 'data/link'))
    await symlink('a', join(folder, 'data/linkdir'))
    expect(await hashFolder(join(folder, 'data'))).toEqual(DVC_PIN)
  })

  it('gives the pin of an empty list for an empty folder', async () => {
    // printf '[]' | md5sum
    expect(await hashFolder(folder)).toEqual({ md5: 'd751713988987e9331980363e24189ce.dir', size: 0, nfiles: 0 })
  })

  it('hashes a file that is larger than one read', async () => {
    // head -c 3000000 /dev/zero > data/zeros; the md5 of its list by Python's json and hashlib
    await writeFile(join(folder, 'zeros'), Buffer.alloc(3_000_000))
    expect(await hashFolder(folder)).toEqual({
      md5: 'e09c96bb6f7cd9d3799bc1505629ddfc.dir',
      size: 3_000_000,
      nfiles: 1,
    })
  })

  it('refuses a link that leads nowhere, as DVC does', async () => {
    await symlink('nowhere', join(folder, 'broken'))
    await expect(hashFolder(folder)).rejects.toThrow(DataError)
  })
})

describe('readPin', () => {
  it('reads what dvc add writes', async () => {
    const path = join(folder, 'data.dvc')
    await writeFile(
      path,
      'outs:\n- md5: aaec8cb10f6c3b305dc68b40401e8ba9.dir\n  size: 187\n  nfiles: 14\n  hash: md5\n  path: data\n',
    )
    expect(await readPin(path)).toEqual({ md5: 'aaec8cb10f6c3b305dc68b40401e8ba9.dir', size: 187, nfiles: 14 })
  })

  it.each([
    '',
    'outs: []\n',
    'outs:\n- md5: aaec8cb10f6c3b305dc68b40401e8ba9\n  size: 1\n  path: data\n',
    '<<<<<<< HEAD\nouts: {',
  ])('refuses %j', async (text) => {
    const path = join(folder, 'data.dvc')
    await writeFile(path, text)
    await expect(readPin(path)).rejects.toThrow(/^Expected one folder with md5, size and nfiles in .*data\.dvc/)
  })

  it('says what to do without a file', async () => {
    await expect(readPin(join(folder, 'data.dvc'))).rejects.toThrow(/ENOENT.*Run `npm run use`\.$/)
  })
})

describe('parsePin', () => {
  it('takes the hash of a folder', () => {
    expect(parsePin('aaec8cb10f6c3b305dc68b40401e8ba9.dir')).toBe('aaec8cb10f6c3b305dc68b40401e8ba9.dir')
  })

  it.each([
    undefined,
    '',
    'aaec8cb10f6c3b305dc68b40401e8ba9',
    'AAEC8CB10F6C3B305DC68B40401E8BA9.dir',
    '../x.dir',
    'a\nb',
  ])('refuses %j in one line', (argument) => {
    expect(() => parsePin(argument)).toThrow(ConfigError)
    expect(() => parsePin(argument)).toThrow(/^Expected the pin of the images .*received [^\n]*\.$/)
  })
})
