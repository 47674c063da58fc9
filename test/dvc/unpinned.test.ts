import { rm, utimes, writeFile } from 'node:fs/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { readText } from '../../src/core/files.ts'
import { reproduce } from '../../src/dvc/reproduce.ts'
import { checkPinned } from '../../src/dvc/unpinned.ts'
import { hashFiles, pinOf } from '../../src/fetch/folder-hash.ts'
import { writeTo } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const profile = readText('profiles/sample.yaml') ?? ''

describe('checkPinned', () => {
  temporaryFolder({ enter: true })
  /** DVC's list of the pinned images, in its cache. */
  let list: string

  beforeEach(async () => {
    await writeTo('data/train/cat/1.png', 'one')
    await writeTo('data/train/cat/2.png', 'two')
    await writeTo('data/test/cat/1.png', 'test')
    const files = await hashFiles('data')
    const { md5, size, nfiles } = pinOf(files)
    await writeFile('data.dvc', `outs:\n- md5: ${md5}\n  size: ${size}\n  nfiles: ${nfiles}\n  path: data\n`)
    list = `.dvc/cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`
    await writeTo(list, JSON.stringify(files))
  })

  it('accepts the pinned images, and a second time looks at names, sizes and times alone', async () => {
    const setTime = (seconds: number) => utimes('data/train/cat/1.png', seconds, seconds)
    await setTime(1000)
    await checkPinned()
    await writeFile('data/train/cat/1.png', 'eno')
    await setTime(1000)
    await expect(checkPinned()).resolves.toBeUndefined()
    await setTime(1001)
    await expect(checkPinned()).rejects.toThrow(/\n {2}train\/cat\/1\.png: changed$/)
  })

  it('stops repro before DVC starts, lists the changes and names the commands that take or drop them', async () => {
    await writeFile('params.yaml', profile)
    await checkPinned()
    await writeTo('data/train/cat/new.png', 'new')
    await rm('data/train/cat/2.png')
    await writeFile('data/test/cat/1.png', 'another')
    await expect(reproduce([])).rejects.toThrow(
      [
        'Expected the pinned images in data/, received changes that data.dvc does not have. To take them: `npm run add`, then `npm run accept-test-set`. To drop them: `npm run dvc -- checkout --force data.dvc`.',
        '  test/cat/1.png: changed',
        '  train/cat/2.png: removed',
        '  train/cat/new.png: added',
      ].join('\n'),
    )
  })

  it.each([
    [
      'exclude.csv',
      'train/cat/1.png,blurred\n',
      /^Expected the columns id, reason in exclude\.csv, received .* Line 1 is /,
    ],
    [
      'test-set.csv',
      'id,sha256,label\na,b,c\n',
      /^Expected id,sha256,label in line 2 of test-set\.csv, received a,b,c\. /,
    ],
    ['data.dvc', undefined, /^Expected the pin of the images in data\.dvc, received: nothing at data\.dvc\. Restore /],
  ])('stops repro for a fault in %s', async (file, text, message) => {
    await writeFile('params.yaml', profile)
    await writeFile('exclude.csv', 'id,reason\n')
    await writeFile('test-set.csv', 'id,sha256,label\n')
    if (text === undefined) await rm(file)
    else await writeFile(file, text)
    await expect(reproduce([])).rejects.toThrow(message)
  })

  it('counts the files where the cache does not have the list', async () => {
    await rm(list)
    await writeTo('data/train/cat/new.png', 'new')
    await expect(checkPinned()).rejects.toThrow(
      /To drop them: move data\/ away and run `npm run repro -- fetch --force`\.\n {2}data\/: 4 files, 3 pinned$/,
    )
  })

  it('takes what a file manager leaves for no change, and no images for nothing to check', async () => {
    await writeTo('data/train/cat/.DS_Store', 'x')
    await writeTo('data/train/Thumbs.db', 'x')
    await expect(checkPinned()).resolves.toBeUndefined()
    await rm('data', { recursive: true })
    await expect(checkPinned()).resolves.toBeUndefined()
  })
})
