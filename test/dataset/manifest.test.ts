import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeFiles, type ManifestRow, readManifest, writeManifest } from '../../src/dataset/manifest.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let path: string
beforeEach(() => {
  path = join(folder.path, 'manifest.csv')
})

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
  it('writes a header and one line for each image, sorted by id', async () => {
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
    expect((await readManifest(path)).map(({ id }) => id)).toEqual(rows.map(({ id }) => id).sort())
    expect(new Set(await readManifest(path))).toEqual(new Set(rows))
  })

  it.each([
    ['set', 'a.png,cat,holdout,x,00,1,1'],
    ['label', 'a.png,,train,x,00,1,1'],
    ['width', 'a.png,cat,train,x,00,wide,1'],
    ['height', 'a.png,cat,train,x,00,1,0'],
  ])('refuses a line without a valid %s', async (_column, line) => {
    await writeFile(path, `id,label,set,source,sha256,width,height\n${line}\n`)
    await expect(readManifest(path)).rejects.toThrow(`received ${line}. Run fetch again.`)
  })
})

describe('describeFiles', () => {
  const files = Array.from({ length: 12 }, (_, i) => ({ id: `${i}.png`, reason: 'an empty file' }))

  it('lists the first ten', () => {
    expect(describeFiles(files)).toMatch(
      /^\n {2}0\.png: an empty file\n.*\n {2}9\.png: an empty file\n {2}and 2 more$/s,
    )
  })

  it('quotes a name with control characters, on one line', () => {
    expect(describeFiles([{ id: 'cat/\u001b[31m\n.png', reason: 'a name' }])).toBe(
      '\n  "cat/\\u001b[31m\\n.png": a name',
    )
  })
})
