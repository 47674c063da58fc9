import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/files.ts'
import { readManifest } from '../../src/dataset/manifest.ts'
import { describeScan, scanImages, writeTables } from '../../src/fetch/scan.ts'
import { decodePixels } from '../../src/images/decode.ts'
import { blackPng, drawImage, writeImages, writeTo } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const image = { size: 64, fit: 'cover' } as const

const base = temporaryFolder()
let data: string
let squares: Map<string, Uint8Array>
beforeEach(() => {
  data = join(base.path, 'data')
  squares = new Map()
})

const scan = () => scanImages(data, { image, squares: { add: (hash, square) => void squares.set(hash, square) } })

describe('scanImages', () => {
  it('lists images by id with label, set, source, hash and size', async () => {
    await writeImages(data, ['train/dog/b.jpg', 'train/cat/a.png', 'test/cat_far.png'])
    const { accepted, rejected } = await scan()
    const row = async (id: string, label: string, set: string) => {
      const hash = sha256(await readFile(join(data, id)))
      return { id, label, set, source: 'unknown', sha256: hash, width: 48, height: 32 }
    }
    expect(accepted).toEqual([
      await row('test/cat_far.png', 'cat', 'test'),
      await row('train/cat/a.png', 'cat', 'train'),
      await row('train/dog/b.jpg', 'dog', 'train'),
    ])
    expect(rejected).toEqual([])
  })

  it('hands on the pixels of each accepted image, by the hash of its file', async () => {
    await writeImages(data, ['train/dog/b.jpg', 'train/cat/a.png'])
    await writeTo(join(data, 'train/cat/cut.png'), 'no image')
    const { accepted } = await scan()
    expect(squares.size).toBe(2)
    for (const { id, sha256: hash } of accepted) {
      expect(squares.get(hash)).toEqual(await decodePixels(join(data, id), image))
    }
  })

  it('takes the label of a test image from its folder, or the longest known one that its name begins with', async () => {
    const known = ['cat', 'cat_wild', 'golden_retriever', 'guinea pig'].map((label) => `train/${label}/1.png`)
    const tests = [
      'cat_1',
      'cat_wild_1',
      'catwild_1',
      'dog/cat_1',
      'golden_retriever_1',
      'guinea pig_1_2',
      'horse/deep/1',
    ]
    await writeImages(data, [...known, ...tests.map((name) => `test/${name}.png`), 'test/wolf_1.png'])
    const { accepted, rejected } = await scan()
    expect(Object.fromEntries(accepted.flatMap(({ id, set, label }) => (set === 'test' ? [[id, label]] : [])))).toEqual(
      {
        'test/cat_1.png': 'cat',
        'test/cat_wild_1.png': 'cat_wild',
        'test/dog/cat_1.png': 'dog',
        'test/golden_retriever_1.png': 'golden_retriever',
        'test/guinea pig_1_2.png': 'guinea pig',
        'test/horse/deep/1.png': 'horse',
      },
    )
    expect(rejected.map(({ id }) => id)).toEqual(['test/catwild_1.png', 'test/wolf_1.png'])
  })

  it('takes sources from manifest.csv of each set, by source or source_repo', async () => {
    await writeImages(data, ['train/cat/a.png', 'train/cat/b.png', 'test/cat/a.png'])
    await writeFile(join(data, 'train/manifest.csv'), 'path,label,source_repo\ncat/a.png,cat,somebody/cats\n')
    await writeFile(join(data, 'test/manifest.csv'), '\uFEFF"source","path"\r\n"my, camera",./cat/a.png\r\n')
    const { accepted, rejected } = await scan()
    expect(accepted.map(({ source }) => source)).toEqual(['my, camera', 'somebody/cats', 'unknown'])
    expect(rejected).toEqual([])
  })

  it('refuses a manifest.csv without a column of sources', async () => {
    await writeTo(join(data, 'train/manifest.csv'), 'path,label\n')
    await expect(scan()).rejects.toThrow(
      /^Expected the columns path and source or source_repo in .*received path,label\. Repair or remove it\.$/,
    )
  })

  it('ignores hidden files, files of DVC and files of file managers', async () => {
    await writeImages(data, ['train/cat/a.png', 'train/cat/.hidden.png', 'train/.cache/x.png'])
    for (const name of [
      'train/cat/Thumbs.db',
      'train/cat/.DS_Store',
      'train/x.dvc',
      '.gitignore',
      'train/cat/desktop.ini',
    ]) {
      await writeFile(join(data, name), 'x')
    }
    const { accepted, rejected } = await scan()
    expect([accepted.length, rejected.length]).toEqual([1, 0])
  })

  it('accepts names with characters that are special in a shell or a spreadsheet', async () => {
    const ids = [
      'a b.png',
      ';$(touch x).png',
      '`x`.png',
      "'.png",
      '".png',
      '=1+1,2.png',
      'naïve 🐈.png',
      '-rf.png',
      '[a].png',
    ]
    await writeImages(
      data,
      ids.map((name) => `train/cat/${name}`),
    )
    const { accepted, rejected } = await scan()
    expect([accepted.length, rejected.length]).toEqual([9, 0])
    await writeTables(join(base.path, 'fetch'), { accepted, rejected }, [])
    expect(await readManifest(join(base.path, 'fetch/manifest.csv'))).toEqual(accepted)
  })

  it('rejects each kind of file that is not an image, with the reason', async () => {
    const jpeg = await drawImage({ format: 'jpeg', width: 300, height: 200 })
    const png = await drawImage({ format: 'png', width: 300, height: 200 })
    await writeTo(join(base.path, 'outside/secret.png'), png)
    const files: Record<string, string | Uint8Array> = {
      'train/cat/good.jpg': jpeg,
      'train/cat/bomb.png': blackPng(30_000, 30_000),
      'train/cat/cut.jpg': jpeg.subarray(0, jpeg.length / 2),
      'train/cat/cut.png': png.subarray(0, png.length / 2),
      'train/cat/drawing.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'train/cat/empty.jpg': '',
      'train/cat/line\nbreak.jpg': jpeg,
      'train/cat/scan.pdf': '%PDF-1.4',
      'train/cat/text.jpg': 'not an image',
      'train/loose.jpg': jpeg,
      'train/cat/huge.jpg': '',
      'test/nolabel.jpg': jpeg,
      'test/_nolabel.jpg': jpeg,
      'elsewhere/cat/a.jpg': jpeg,
      'README.md': 'Cats.',
    }
    for (const [id, content] of Object.entries(files)) await writeTo(join(data, id), content)
    await truncate(join(data, 'train/cat/huge.jpg'), 2 ** 28 + 1)
    await symlink('good.jpg', join(data, 'train/cat/link.jpg'))
    await symlink('../../../outside/secret.png', join(data, 'train/cat/out.png'))
    await symlink('../../outside', join(data, 'train/dog'))
    await promisify(execFile)('mkfifo', [join(data, 'train/cat/pipe.jpg')])
    const { accepted, rejected } = await scan()
    expect(accepted.map(({ id }) => id)).toEqual(['train/cat/good.jpg'])
    expect(Object.fromEntries(rejected.map(({ id, reason }) => [id, reason.replace(/ \(.*/, '')]))).toEqual({
      'README.md': 'neither below train/ nor below test/',
      'elsewhere/cat/a.jpg': 'neither below train/ nor below test/',
      'test/_nolabel.jpg':
        'no label: expected test/<label>/<file> or test/<label>_<file>, with a label that train/ has',
      'test/nolabel.jpg': 'no label: expected test/<label>/<file> or test/<label>_<file>, with a label that train/ has',
      'train/cat/bomb.png': 'more than 200000000 pixels',
      'train/cat/cut.jpg': 'a damaged or truncated file',
      'train/cat/cut.png': 'a damaged or truncated file',
      'train/cat/drawing.svg': 'a file of another format',
      'train/cat/empty.jpg': 'an empty file',
      'train/cat/huge.jpg': 'a file of 268435457 bytes, more than 268435456',
      'train/cat/line\nbreak.jpg': 'a name with control characters, or not in UTF-8',
      'train/cat/link.jpg': 'a link',
      'train/cat/out.png': 'a link',
      'train/cat/pipe.jpg': 'not a plain file',
      'train/cat/scan.pdf': 'a file of another format',
      'train/cat/text.jpg': 'a file of another format',
      'train/dog': 'a link',
      'train/loose.jpg': 'no label: expected train/<label>/<file>',
    })
  })

  it('follows the links that DVC makes into its cache, and none to a file with such a name and other content', async () => {
    const image = await drawImage()
    const md5 = createHash('md5').update(image).digest('hex')
    const object = `cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`
    await writeTo(join(base.path, object), image)
    await writeTo(join(base.path, 'cache/files/md5/00/000000000000000000000000000000'), image)
    await writeImages(data, ['train/cat/plain.png'])
    await symlink(join(base.path, object), join(data, 'train/cat/linked.png'))
    await symlink(
      join(base.path, 'cache/files/md5/00/000000000000000000000000000000'),
      join(data, 'train/cat/other.png'),
    )
    const { accepted, rejected } = await scan()
    expect(accepted.map(({ id }) => id)).toEqual(['train/cat/linked.png', 'train/cat/plain.png'])
    expect(rejected).toEqual([{ id: 'train/cat/other.png', reason: 'a link' }])
  })

  it('rejects a name that is not UTF-8', async () => {
    await writeImages(data, ['train/cat/a.png'])
    const raw = Buffer.concat([Buffer.from(join(data, 'train/cat/')), Buffer.from([0xff, 0x2e, 0x6a, 0x70, 0x67])])
    await writeFile(raw, await drawImage())
    const { rejected } = await scan()
    expect(rejected.map(({ reason }) => reason)).toEqual(['a name with control characters, or not in UTF-8'])
  })
})

describe('writeTables', () => {
  it('lists accepted and rejected images and pairs', async () => {
    await writeImages(data, ['train/cat/a.png', 'train/dog/b.jpg'])
    await writeFile(join(data, 'train/cat/empty.jpg'), '')
    const found = await scan()
    await writeTables(base.path, found, [])
    expect(await readManifest(join(base.path, 'manifest.csv'))).toEqual(found.accepted)
    expect(await readFile(join(base.path, 'rejected.csv'), 'utf8')).toBe(
      'id,reason\ntrain/cat/empty.jpg,an empty file\n',
    )
    expect(await readFile(join(base.path, 'pairs.csv'), 'utf8')).toBe('id,other,kind,distance,certainty\n')
    expect(describeScan(found)).toBe('2 images of 2 classes, 1 rejected (artifacts/fetch/rejected.csv)')
  })
})
