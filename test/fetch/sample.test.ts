import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/files.ts'
import type { SampleSet } from '../../src/fetch/sample/scene.ts'
import { drawSample, SAMPLE_LABELS, type SampleParams, samplePixels } from '../../src/fetch/sample.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const temporary = temporaryFolder()

describe('drawSample', () => {
  it('writes the images of each set and label, numbered from 0001', async () => {
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

  it('leaves the first images as they are when more are drawn', async () => {
    const few = await hashes(await drawn({ imagesPerClass: 1, testImagesPerClass: 1, size: 32 }, 1))
    const more = await hashes(await drawn({ imagesPerClass: 2, testImagesPerClass: 2, size: 32 }, 1))
    expect(more).toMatchObject(few)
  })

  it('draws no image twice, in training and test together', async () => {
    const all = Object.values(await hashes(await drawn({ imagesPerClass: 25, testImagesPerClass: 10, size: 64 }, 1)))
    expect(all).toHaveLength(105)
    expect(new Set(all).size).toBe(105)
  })

  it('writes PNG files that sharp reads back to the drawn pixels', async () => {
    const folder = await drawn({ imagesPerClass: 1, testImagesPerClass: 0, size: 128 }, 1)
    const { data, info } = await sharp(await readFile(join(folder, 'train', 'horse', '0001.png')))
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 128, height: 128, channels: 3 })
    expect(data.equals(samplePixels({ set: 'train', label: 'horse', number: 1, size: 128 }, 1))).toBe(true)
  })
})

describe('samplePixels', () => {
  // Read from the drawing itself: these change only when the images are meant to change, and then data.dvc's pin does too.
  const GOLDEN = {
    'train/cat/1': '60f8786256d59a3de5ec568fefafae78a365b7767299dce50566c4aee8edd3c8',
    'train/dog/57': 'af8d66f933f450b960aa5183a214bf308756195b0e384be7d4d32e32ede50ea0',
    'train/horse/300': '02a9943027c0580970109939d859abd21db070506c218c945d26dd5903894c21',
    'test/cat/3': '717ac359d4db22d2ebd86c51ef5b59680236dd8a7754b4954f518eec06271e93',
    'test/dog/10': 'd2c8f85c7156831bda09d9a414a778e8c57c530bd29554611bd87160d035a715',
    'test/horse/1': 'ff6aeeadb28883bd364911362847172820d9b5396a51f4ef0a95bf915860ae8f',
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

async function drawn(counts: SampleParams, seed: number): Promise<string> {
  const folder = await mkdtemp(join(temporary.path, 'sample-'))
  return drawSample(folder, counts, seed)
}

async function hashes(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.png')).sort()
  return Object.fromEntries(
    await Promise.all(files.map(async (name) => [name, sha256(await readFile(join(folder, name)))])),
  )
}
