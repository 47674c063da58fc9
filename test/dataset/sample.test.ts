import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/files.ts'
import { SAMPLE_LABELS } from '../../src/dataset/sample/picture.ts'
import { drawSample, type SampleSet, samplePixels } from '../../src/dataset/sample.ts'

const folders: string[] = []

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

describe('drawSample', () => {
  it('writes the pictures of each set and label, numbered from 0001', async () => {
    const folder = await drawn({ imagesPerClass: 3, testImagesPerClass: 2, size: 32 }, 1)
    for (const label of SAMPLE_LABELS) {
      expect((await readdir(join(folder, 'train', label))).sort()).toEqual(['0001.png', '0002.png', '0003.png'])
      expect((await readdir(join(folder, 'test', label))).sort()).toEqual(['0001.png', '0002.png'])
    }
    expect((await readdir(join(folder, 'train'))).sort()).toEqual(['cat', 'dog', 'horse'])
  })

  it('writes the same bytes for the same seed, and others for another seed', async () => {
    const counts = { imagesPerClass: 2, testImagesPerClass: 1, size: 48 }
    const [once, again, other] = await Promise.all([drawn(counts, 7), drawn(counts, 7), drawn(counts, 8)])
    expect(await hashes(again)).toEqual(await hashes(once))
    for (const [id, hash] of Object.entries(await hashes(other))) expect(hash).not.toBe((await hashes(once))[id])
  })

  it('leaves the first pictures as they are when more are drawn', async () => {
    const few = await hashes(await drawn({ imagesPerClass: 1, testImagesPerClass: 1, size: 32 }, 1))
    const more = await hashes(await drawn({ imagesPerClass: 2, testImagesPerClass: 2, size: 32 }, 1))
    expect(more).toMatchObject(few)
  })

  it('draws no picture twice, in training and test together', async () => {
    const all = Object.values(await hashes(await drawn({ imagesPerClass: 25, testImagesPerClass: 10, size: 64 }, 1)))
    expect(all).toHaveLength(105)
    expect(new Set(all).size).toBe(105)
  })

  it('counts every picture it has written', async () => {
    const seen: number[][] = []
    await drawn({ imagesPerClass: 1, testImagesPerClass: 1, size: 16 }, 1, (done, total) => seen.push([done, total]))
    expect(seen).toEqual([1, 2, 3, 4, 5, 6].map((done) => [done, 6]))
  })

  it('writes PNG files that sharp reads back to the drawn pixels', async () => {
    const folder = await drawn({ imagesPerClass: 1, testImagesPerClass: 0, size: 128 }, 1)
    const { data, info } = await sharp(join(folder, 'train', 'horse', '0001.png'))
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 128, height: 128, channels: 3 })
    expect(data.equals(samplePixels({ set: 'train', label: 'horse', number: 1, size: 128 }, 1))).toBe(true)
  })
})

describe('samplePixels', () => {
  // Read from the drawing itself: these change only when the pictures are meant to change, and then data.dvc's pin does too.
  const GOLDEN = {
    'train/cat/1': '93e8c1ab1d89d52c30b96cd7aff5ea4aa0323dc64661c185d7fef5ef30d7634d',
    'train/dog/57': 'f8bdcbdb848cdf04b3eed192a59e1c2b1e334533e805e8a9ce8b79d9cfbb6163',
    'train/horse/300': 'bb5bb3c3f77f2e23e6c4f9b7f3aae91ab856c31e92b2218343f2901d1ffd2710',
    'test/cat/3': 'd61c7937ac48d3d006545164bc3f4ca13b66541d552e1c33709f437a0af55d6a',
    'test/dog/10': '0ff7b1821ff2e80796d82e821c10b9b20a095dd403756cbe14f4998ff4d5d629',
    'test/horse/1': '270ab87f0b68b4764aa528a7dcd1480e213126bbc10530d86ffdc902c391fb52',
  } as const

  it.each(Object.entries(GOLDEN))('draws %s with the very same pixels on every machine', (name, expected) => {
    const [set, label, number] = name.split('/') as [SampleSet, (typeof SAMPLE_LABELS)[number], string]
    expect(sha256(samplePixels({ set, label, number: Number(number), size: 128 }, 1))).toBe(expected)
  })

  it('draws at another size the same scene, not a crop of it', () => {
    const large = samplePixels({ set: 'train', label: 'cat', number: 1, size: 128 }, 1)
    const small = samplePixels({ set: 'train', label: 'cat', number: 1, size: 64 }, 1)
    let difference = 0
    for (let y = 0; y < 64; y++) {
      for (let x = 0; x < 64; x++) {
        const at = (2 * y * 128 + 2 * x) * 3
        difference += Math.abs((small[(y * 64 + x) * 3] ?? 0) - (large[at] ?? 0)) / (64 * 64)
      }
    }
    expect(difference).toBeLessThan(20)
  })
})

async function drawn(
  counts: { imagesPerClass: number; testImagesPerClass: number; size: number },
  seed: number,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-sample-'))
  folders.push(folder)
  await drawSample(folder, counts, seed, onProgress)
  return folder
}

async function hashes(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.png')).sort()
  return Object.fromEntries(
    await Promise.all(files.map(async (name) => [name, sha256(await readFile(join(folder, name)))])),
  )
}
