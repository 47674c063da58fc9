import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sortedById } from '../../src/core/csv.ts'
import { type ManifestRow, readManifest, writeManifest } from '../../src/dataset/manifest.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-manifest-'))
  path = join(folder, 'manifest.csv')
})
afterEach(() => rm(folder, { recursive: true }))

const row = (id: string): ManifestRow => ({
  id,
  label: 'cat',
  set: 'train',
  source: 'unknown',
  sha256: 'ab'.repeat(32),
  width: 640,
  height: 480,
})

describe('writeManifest', () => {
  it('writes a header and a line an image, sorted by id', async () => {
    await writeManifest(path, [row('train/cat/b.png'), row('train/cat/a.png')])
    const rest = `cat,train,unknown,${'ab'.repeat(32)},640,480`
    expect(await readFile(path, 'utf8')).toBe(
      `id,label,set,source,sha256,width,height\ntrain/cat/a.png,${rest}\ntrain/cat/b.png,${rest}\n`,
    )
  })
})

describe('readManifest', () => {
  it('reads what writeManifest wrote, odd names included', async () => {
    const rows = ['train/cat/a b.png', 'train/cat/a,"b".png', 'train/cat/;$(x).png', 'train/cät/🐈.png'].map(row)
    await writeManifest(path, rows)
    expect(await readManifest(path)).toEqual(sortedById(rows))
  })

  it.each([
    ['set', 'a.png,cat,holdout,x,00,1,1'],
    ['label', 'a.png,,train,x,00,1,1'],
    ['width', 'a.png,cat,train,x,00,wide,1'],
    ['height', 'a.png,cat,train,x,00,1,0'],
  ])('refuses a line without a proper %s', async (_column, line) => {
    await writeFile(path, `id,label,set,source,sha256,width,height\n${line}\n`)
    await expect(readManifest(path)).rejects.toThrow(`received ${line}. Run fetch again.`)
  })
})
