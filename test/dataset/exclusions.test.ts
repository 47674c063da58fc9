import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readExclusions, selectImages } from '../../src/dataset/exclusions.ts'
import type { ManifestRow } from '../../src/dataset/manifest.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('readExclusions', () => {
  const folder = temporaryFolder()
  const read = async (text: string) => {
    await writeFile(join(folder.path, 'exclude.csv'), text)
    return readExclusions(join(folder.path, 'exclude.csv'))
  }

  it('reads no exclusions from a header alone, and lines with ids that hold commas', async () => {
    expect(await read('id,reason\n')).toEqual([])
    expect(await read('id,reason\n"train/cat/a,b.png","twice, in blue"\n')).toEqual([
      { id: 'train/cat/a,b.png', reason: 'twice, in blue' },
    ])
  })

  it.each([
    [
      'no reason',
      'id,reason\ntrain/cat/1.png,\n',
      /^Expected id,reason in line 2 of .*exclude\.csv, received train\/cat\/1\.png,\. Line 1 is id,reason; .*: train\/cat\/1\.jpg,blurred/,
    ],
    [
      'an id twice',
      'id,reason\na,x\na,y\n',
      /^Expected a once in .*exclude\.csv, received it twice\. Remove one of its lines\.$/,
    ],
    [
      'a blank reason, below a record of two lines',
      'id,reason\na,"b\nc"\n\nd, \n',
      /^Expected id,reason in line 5 of .*exclude\.csv, received d, \./,
    ],
    [
      'no header',
      'train/cat/1.png,blurred\n',
      /^Expected the columns id, reason in .*exclude\.csv, received train\/cat\/1\.png, blurred\. Line 1 is id,reason; /,
    ],
    ['a comma in a reason', 'id,reason\na,b, c\n', /line 2\. Line 1 is id,reason; .*quote a reason with a comma/],
  ])('refuses %s', async (_what, text, message) => {
    await expect(read(text)).rejects.toThrow(message)
  })

  it('says what to do where the file is missing', async () => {
    await expect(readExclusions(join(folder.path, 'none.csv'))).rejects.toThrow(
      /received none\. Restore it from git, or create it with the line id,reason\.$/,
    )
  })
})

describe('selectImages', () => {
  const manifest = ['test/cat/1.png', 'train/cat/1.png', 'train/cat/2.png'].map(row)

  it('separates the excluded images from the others', () => {
    const { used, excluded } = selectImages(manifest, [{ id: 'train/cat/1.png', reason: 'a drawing' }])
    expect(used.map(({ id }) => id)).toEqual(['test/cat/1.png', 'train/cat/2.png'])
    expect(excluded).toEqual([{ ...manifest[1], reason: 'a drawing' }])
  })

  it('names unknown ids', () => {
    const exclusions = ['train/cat/2.png', 'train/cat/3.png', 'cat/1.png'].map((id) => ({ id, reason: 'x' }))
    expect(() => selectImages(manifest, exclusions)).toThrow(
      'Expected ids of accepted images in exclude.csv (as in artifacts/fetch/manifest.csv), received 2 unknown ones. Correct or remove their lines.\n  train/cat/3.png\n  cat/1.png',
    )
  })
})

function row(id: string): ManifestRow {
  const set = id.startsWith('test/') ? 'test' : 'train'
  return { id, label: 'cat', set, source: 'unknown', sha256: id, width: 8, height: 8 }
}
