import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type AugmentOptions, planRows, variantPixels, writeAugmented } from '../../src/augment/augment.ts'
import { evenlySpread } from '../../src/augment/contact-sheet.ts'
import { openPacked } from '../../src/batches/packed.ts'
import { sha256 } from '../../src/core/files.ts'
import type { Part } from '../../src/core/paths.ts'
import { seededRng } from '../../src/core/random.ts'
import type { SplitRow } from '../../src/dataset/split.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SIZE = 32
const PARAMS: AugmentOptions['params'] = {
  seed: 1,
  image: { size: SIZE, fit: 'cover' },
  augment: { copies: 2, rotation: 40, shift: 0.2, shear: 0.2, zoom: 0.2, flip: true, online: null },
}

/** Two classes: three and two images to train, one of each to validate, one to hold out and one to test. */
const SPLIT: SplitRow[] = [
  row('test/dog_1.png', 'dog', 'test'),
  row('train/cat/1.png', 'cat', 'train'),
  row('train/cat/2.png', 'cat', 'validation'),
  row('train/cat/3.png', 'cat', 'train'),
  row('train/cat/4.png', 'cat', 'train'),
  row('train/dog/1.png', 'dog', 'validation'),
  row('train/dog/2.png', 'dog', 'train'),
  row('train/dog/3.png', 'dog', 'train'),
  row('train/dog/4.png', 'dog', 'holdout'),
]

describe('planRows', () => {
  it('gives training images plain and then in each variant, the others plain', () => {
    const rows = planRows(SPLIT, 2)
    const ids = ['train/cat/1.png', 'train/cat/3.png', 'train/cat/4.png', 'train/dog/2.png', 'train/dog/3.png']
    expect(rows.filter(({ part }) => part === 'train').map(({ id, variant }) => `${variant} ${id}`)).toEqual(
      [0, 1, 2].flatMap((variant) => ids.map((id) => `${variant} ${id}`)),
    )
    expect(rows.filter(({ part }) => part === 'validation').map(({ id, variant }) => `${variant} ${id}`)).toEqual([
      '0 train/cat/2.png',
      '0 train/dog/1.png',
    ])
    expect(rows.length).toBe(5 * 3 + 2 + 1 + 1)
  })
})

describe('variantPixels', () => {
  const plain = drawn(1, SIZE)
  const variant = (id: string, number: number, seed = 1) =>
    sha256(variantPixels(plain, { id, variant: number }, { ...PARAMS, seed }))

  it('leaves variant 0 as it is', () => {
    expect(variant('a', 0)).toBe(sha256(plain))
  })

  it('differs by variant, image and seed, and by nothing else', () => {
    const all = [variant('a', 1), variant('a', 2), variant('b', 1), variant('a', 1, 2), sha256(plain)]
    expect(new Set(all).size).toBe(5)
    expect(variant('a', 1)).toBe(all[0])
  })
})

describe('writeAugmented', () => {
  const folder = temporaryFolder({ per: 'file' })
  const options: AugmentOptions = { readImage, params: PARAMS }
  beforeAll(() => writeAugmented(join(folder.path, 'augment'), planRows(SPLIT, 2), options))

  it('writes an array and an index for each part, and a contact sheet', async () => {
    expect((await readdir(join(folder.path, 'augment'))).sort()).toEqual([
      'contact-sheet.png',
      ...['holdout', 'test', 'train', 'validation'].flatMap((part) => [`${part}.csv`, `${part}.npy`]),
    ])
  })

  it('puts each image in the row that the index names', async () => {
    for (const part of ['train', 'validation', 'holdout', 'test'] as const) {
      const { rows, file } = await openPacked(part, join(folder.path, 'augment'))
      expect(file.shape).toEqual([rows.length, SIZE, SIZE, 3])
      expect(rows).toEqual(planRows(SPLIT, 2).flatMap(({ part: of, ...rest }) => (of === part ? [rest] : [])))
      for (const [place, packedRow] of rows.entries()) {
        const pixels = new Uint8Array(SIZE * SIZE * 3)
        await file.readRows([place], pixels)
        const plain = await readImage(packedRow.id)
        expect(sha256(pixels)).toBe(sha256(variantPixels(plain, packedRow, PARAMS)))
      }
      await file.close()
    }
  })

  it('writes the same bytes for any number of images read at once', async () => {
    await writeAugmented(join(folder.path, 'one'), planRows(SPLIT, 2), { ...options, concurrency: 1 })
    await writeAugmented(join(folder.path, 'many'), planRows(SPLIT, 2), { ...options, concurrency: 16 })
    const first = await hashesOf(join(folder.path, 'one'))
    expect(await hashesOf(join(folder.path, 'many'))).toEqual(first)
    expect(await hashesOf(join(folder.path, 'augment'))).toEqual(first)
  })

  it('keeps the variants of an image when others are added or removed', async () => {
    const fewer = SPLIT.filter(({ id }) => id !== 'train/cat/1.png')
    await writeAugmented(join(folder.path, 'fewer'), planRows(fewer, 2), options)
    expect(await rowsOf('fewer')).toEqual(
      (await rowsOf('augment')).filter((line) => !line.startsWith('train/cat/1.png')),
    )
  })

  it('writes plain images alone for no copies', async () => {
    await writeAugmented(join(folder.path, 'plain'), planRows(SPLIT, 0), options)
    expect(await rowsOf('plain')).toEqual((await rowsOf('augment')).filter((line) => line.includes(' 0 ')))
  })

  it('leaves the folder as it was, and nothing beside it, when an image cannot be read', async () => {
    const before = await hashesOf(join(folder.path, 'augment'))
    const rows = planRows([...SPLIT, row('train/cat/gone.png', 'cat', 'train')], 2)
    await expect(writeAugmented(join(folder.path, 'augment'), rows, options)).rejects.toThrow('train/cat/gone.png')
    expect(await hashesOf(join(folder.path, 'augment'))).toEqual(before)
    expect((await readdir(folder.path)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  /** What each row of the training array is, and its bytes. */
  async function rowsOf(name: string): Promise<string[]> {
    const { rows, file } = await openPacked('train', join(folder.path, name))
    const pixels = new Uint8Array(SIZE * SIZE * 3)
    const lines: string[] = []
    for (const [place, { id, variant }] of rows.entries()) {
      await file.readRows([place], pixels)
      lines.push(`${id} ${variant} ${sha256(pixels)}`)
    }
    await file.close()
    return lines
  }
})

describe('evenlySpread', () => {
  it('takes items at even distances, and all of a few', () => {
    expect(evenlySpread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 5)).toEqual([0, 2, 4, 6, 8])
    expect(evenlySpread([0, 1, 2, 3, 4, 5, 6], 3)).toEqual([0, 3, 5]) // the first at or after 0, 2.33, 4.67
    expect(evenlySpread([0, 1], 5)).toEqual([0, 1])
  })
})

function row(id: string, label: string, part: Part): SplitRow {
  return { id, label, part }
}

/** A gradient with a few random squares, so that no two images and no two places are alike. */
function drawn(seed: number, size: number): Uint8Array {
  const rng = seededRng(seed, 'drawn')
  const squares = Array.from({ length: 64 }, () => rng() * 120)
  return Uint8Array.from({ length: size * size * 3 }, (_, place) => {
    const x = Math.floor(place / 3) % size
    const y = Math.floor(place / 3 / size)
    const square = squares[Math.floor((x * 8) / size) + 8 * Math.floor((y * 8) / size)] ?? 0
    return square + (x + y) * (60 / size) + (place % 3) * 5
  })
}

async function readImage(id: string): Promise<Uint8Array> {
  const place = SPLIT.findIndex((row) => row.id === id)
  if (place < 0) throw new Error(id)
  return drawn(place, SIZE)
}

async function hashesOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, sha256(await readFile(join(folder, name)))] as const)),
  )
}
