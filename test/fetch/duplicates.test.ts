import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import pMap from 'p-map'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { listPhotographs } from '../../bench/ours/photographs.ts'
import { seededRng } from '../../src/core/random.ts'
import type { Pair } from '../../src/dataset/pairs.ts'
import { type Effort, findPairs } from '../../src/fetch/duplicates.ts'
import { SAMPLE_LABELS, samplePixels } from '../../src/fetch/sample.ts'
import { CHANGES, type Change, FURTHER_CHANGES } from '../support/changes.ts'
import { drawBottle, drawForm } from '../support/look-alikes.ts'
import { type Looked, lookAt, lookAtFile, searchAmong } from '../support/looks.ts'

/** Some of the further changes that more than 95 % of photographs are found after. */
const FOUND_TOO = Object.fromEntries(
  Object.entries(FURTHER_CHANGES).filter(([name]) =>
    /3 degrees|10 % at each|15 % at left|15 % below|bars of 15/.test(name),
  ),
)
const AT_ONCE = { concurrency: availableParallelism() }
const PHOTOGRAPHS = resolve('../shared/data/photos')
const reason = existsSync(PHOTOGRAPHS) ? '' : ` (skipped: no ${PHOTOGRAPHS})`

/** An image's file, and what it is compared by. */
interface Original {
  readonly bytes: Buffer
  readonly looked: Looked
}

function lookAtAll(files: readonly Buffer[]): Promise<Original[]> {
  return pMap(files, async (bytes, place) => ({ bytes, looked: await lookAtFile(`${place}`, bytes) }), AT_ONCE)
}

/** Pairs of some images with their changed copies. */
async function pairsWithCopies(originals: readonly Original[], change: Change): Promise<Pair[]> {
  const images = await pMap(
    originals,
    async ({ bytes, looked }) => [looked, await lookAtFile(`${looked.id} changed`, await change(bytes))],
    AT_ONCE,
  )
  return searchAmong(images.flat())
}

const own = (count: number) => Array.from({ length: count }, (_, place) => `${place} - ${place} changed`).sort()
const named = (pairs: readonly Pair[]) => pairs.map(({ id, other }) => `${id} - ${other}`).sort()

describe('findPairs on drawn images', () => {
  let originals: Original[]
  let one: Buffer
  beforeAll(async () => {
    const drawings = SAMPLE_LABELS.flatMap((label) => [1, 2, 3, 4].map((number) => ({ label, number })))
    const files = await pMap(drawings, async ({ label, number }) => {
      const pixels = samplePixels({ set: 'train', label, number, size: 256 }, 7)
      return sharp(pixels, { raw: { width: 256, height: 256, channels: 3 } })
        .jpeg({ quality: 95 })
        .toBuffer()
    })
    originals = await lookAtAll(files)
    ;[one] = files as [Buffer]
  })

  it.each(Object.entries({ ...CHANGES, ...FOUND_TOO }))(
    'finds each that was %s, and no other pair',
    async (_name, change) => {
      expect(named(await pairsWithCopies(originals, change))).toEqual(own(originals.length))
    },
  )

  it('distinguishes the mirror image from the image, and gives the distance', async () => {
    const kinds = async (name: string) => {
      const pairs = await pairsWithCopies(originals.slice(0, 2), CHANGES[name] as Change)
      return pairs.map(({ kind, distance }) => ({ kind, isNear: distance >= 0 && distance < 0.05 }))
    }
    expect(await kinds('JPEG 65')).toEqual([1, 2].map(() => ({ kind: 'near', isNear: true })))
    expect(await kinds('mirrored')).toEqual([1, 2].map(() => ({ kind: 'mirrored', isNear: true })))
  })

  it('pairs files of the same bytes with the first of them, and compares only that one with others', async () => {
    const first = await lookAtFile('b', one)
    const near = await lookAtFile('d', await sharp(one).jpeg({ quality: 60 }).toBuffer())
    const images = [first, { ...first, id: 'a' }, { ...first, id: 'c' }, near]
    expect(named(findPairs(images))).toEqual(['a - b', 'b - c']) // the search is switched off
    const pairs = searchAmong(images)
    expect(named(pairs)).toEqual(['a - b', 'b - c', 'b - d'])
    expect(pairs.map(({ kind }) => kind)).toEqual(['exact', 'exact', 'near'])
  })

  it('keeps the frames of a film together without comparing every pair', async () => {
    const frames = await pMap(
      Array.from({ length: 60 }, (_, place) => 40 + place),
      async (quality) => lookAtFile(String(quality), await sharp(one).jpeg({ quality }).toBuffer()),
    )
    const pairs = searchAmong(frames)
    expect(pairs.length).toBeLessThan((60 * 59) / 2)
    const reached = new Set([frames[0]?.id])
    for (let round = 0; round < 60; round++) {
      for (const { id, other } of pairs) if (reached.has(id) || reached.has(other)) reached.add(id).add(other)
    }
    expect(reached.size).toBe(60)
  })

  it('takes effort in proportion to the images, even if all look alike', () => {
    const effortOf = (count: number): Effort => {
      const efforts: Effort[] = []
      const forms = Array.from({ length: count }, (_, number) => lookAt(`${number}`.padStart(4, '0'), drawForm(number)))
      searchAmong(forms, (effort) => efforts.push(effort))
      return efforts[0] as Effort
    }
    const [few, many] = [effortOf(30), effortOf(120)]
    expect(many.pixels).toBeLessThan(120 * (32 + 8))
    expect(many.pixels / few.pixels).toBeLessThan(4.5)
    // 2 hashes an image in 4 tables; 137 changes of a band, each with 128 hashes at most
    expect(many.hashes).toBeLessThan(120 * 2 * 4 * 137 * 128)
  })

  it('compares at most eight images that differ with each, however near their hashes are', () => {
    const efforts: Effort[] = []
    const noise = Array.from({ length: 200 }, (_, number) => {
      const rng = seededRng(number, 'noise')
      const greys = Array.from({ length: 256 }, () => Math.floor(255 * rng()))
      const pixels = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => {
        const [x, y] = [Math.floor(at / 3) % 64, Math.floor(at / 3 / 64)]
        return greys[Math.floor(y / 4) * 16 + Math.floor(x / 4)] as number
      })
      return lookAt(`${number}`, { pixels, width: 64, height: 64 })
    }).map((image, _, all) => ({ ...image, fingerprint: (all[0] as typeof image).fingerprint }))
    expect(searchAmong(noise, (effort) => efforts.push(effort))).toEqual([])
    expect(efforts[0]?.pixels).toBe(200 * 8)
  })

  it.each([
    ['forms with other numbers', drawForm],
    ['bottles with other labels', drawBottle],
  ])('is not certain of %s', (_name, draw) => {
    const pairs = searchAmong(Array.from({ length: 40 }, (_, number) => lookAt(`${number}`, draw(number))))
    expect(pairs.filter(({ certainty }) => certainty === 'certain')).toEqual([])
  })

  it('finds nothing in images without detail', async () => {
    const plain = await pMap([90, 91, 92], async (grey) =>
      lookAtFile(
        String(grey),
        await sharp({ create: { width: 80, height: 80, channels: 3, background: { r: grey, g: grey, b: grey } } })
          .png()
          .toBuffer(),
      ),
    )
    expect(searchAmong(plain)).toEqual([])
  })
})

describe.skipIf(reason !== '')(`findPairs on photographs${reason}`, () => {
  it('finds each changed copy, and no other pair', async () => {
    const names = (await listPhotographs(PHOTOGRAPHS)).filter((_, place) => place % 60 === 0)
    const originals = await lookAtAll(await Promise.all(names.map((name) => readFile(name))))
    for (const name of ['JPEG 50', 'cropped 5 % at each edge', 'brightened 10 %', 'mirrored', 'resized 0.5']) {
      const pairs = await pairsWithCopies(originals, CHANGES[name] as Change)
      expect(named(pairs), name).toEqual(own(originals.length))
    }
  })
})
