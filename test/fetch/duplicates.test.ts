import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import pMap from 'p-map'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { listPhotographs } from '../../bench/ours/photographs.ts'
import { sha256 } from '../../src/core/files.ts'
import type { Pair } from '../../src/dataset/pairs.ts'
import { findPairs } from '../../src/fetch/duplicates.ts'
import { type Fingerprint, fingerprintOf } from '../../src/fetch/fingerprint.ts'
import { SAMPLE_LABELS, samplePixels } from '../../src/fetch/sample.ts'
import { inspectImage } from '../../src/images/decode.ts'
import { CHANGES } from '../support/changes.ts'

interface Image {
  readonly id: string
  readonly sha256: string
  readonly fingerprint: Fingerprint
}

const PHOTOGRAPHS = resolve('../shared/data/photos')
const reason = existsSync(PHOTOGRAPHS) ? '' : ` (skipped: no ${PHOTOGRAPHS})`

async function look(id: string, bytes: Buffer): Promise<Image> {
  const { frame } = await inspectImage(bytes, { size: 224, fit: 'cover' })
  return { id, sha256: sha256(bytes), fingerprint: fingerprintOf(frame) }
}

const search = (images: readonly Image[]) =>
  findPairs(images, new Map(images.map((each) => [each.sha256, each.fingerprint])))

/** Pairs of some images with their changed copies. */
async function pairsWithCopies(files: readonly Buffer[], change: (bytes: Buffer) => Promise<Buffer>): Promise<Pair[]> {
  const images = await pMap(
    files.flatMap((bytes, place) => [
      async () => look(`${place}`, bytes),
      async () => look(`${place} changed`, await change(bytes)),
    ]),
    (image) => image(),
    { concurrency: availableParallelism() },
  )
  return search(images)
}

const own = (count: number) => Array.from({ length: count }, (_, place) => `${place} - ${place} changed`).sort()
const named = (pairs: readonly Pair[]) => pairs.map(({ id, other }) => `${id} - ${other}`).sort()

describe('findPairs on drawn images', () => {
  let files: Buffer[]
  beforeAll(async () => {
    const drawings = SAMPLE_LABELS.flatMap((label) => [1, 2, 3, 4].map((number) => ({ label, number })))
    files = await pMap(drawings, async ({ label, number }) => {
      const pixels = samplePixels({ set: 'train', label, number, size: 256 }, 7)
      return sharp(pixels, { raw: { width: 256, height: 256, channels: 3 } })
        .jpeg({ quality: 95 })
        .toBuffer()
    })
  })

  it.each(Object.entries(CHANGES))('finds each that was %s, and no other pair', async (_name, change) => {
    expect(named(await pairsWithCopies(files, change))).toEqual(own(files.length))
  })

  it('distinguishes the mirror image from the image, and gives the distance', async () => {
    const kinds = async (name: string) => {
      const pairs = await pairsWithCopies(files.slice(0, 2), CHANGES[name] as (typeof CHANGES)[string])
      return pairs.map(({ kind, distance }) => ({ kind, isNear: distance >= 0 && distance < 0.05 }))
    }
    expect(await kinds('JPEG 65')).toEqual([1, 2].map(() => ({ kind: 'near', isNear: true })))
    expect(await kinds('mirrored')).toEqual([1, 2].map(() => ({ kind: 'mirrored', isNear: true })))
  })

  it('pairs files of the same bytes with the first of them, and compares only that one with others', async () => {
    const [one] = files as [Buffer]
    const first = await look('b', one)
    const near = await look('d', await sharp(one).jpeg({ quality: 60 }).toBuffer())
    const pairs = search([first, { ...first, id: 'a' }, { ...first, id: 'c' }, near])
    expect(named(pairs)).toEqual(['a - b', 'b - c', 'b - d'])
    expect(pairs.map(({ kind }) => kind)).toEqual(['exact', 'exact', 'near'])
  })

  it('keeps the frames of a film together without comparing every pair', async () => {
    const [one] = files as [Buffer]
    const frames = await pMap(
      Array.from({ length: 60 }, (_, place) => 40 + place),
      async (quality) => look(String(quality), await sharp(one).jpeg({ quality }).toBuffer()),
    )
    const pairs = search(frames)
    expect(pairs.length).toBeLessThan((60 * 59) / 2)
    const reached = new Set([frames[0]?.id])
    for (let round = 0; round < 60; round++) {
      for (const { id, other } of pairs) if (reached.has(id) || reached.has(other)) reached.add(id).add(other)
    }
    expect(reached.size).toBe(60)
  })

  it('finds nothing in images without detail', async () => {
    const plain = await pMap([90, 91, 92], async (grey) =>
      look(
        String(grey),
        await sharp({ create: { width: 80, height: 80, channels: 3, background: { r: grey, g: grey, b: grey } } })
          .png()
          .toBuffer(),
      ),
    )
    expect(search(plain)).toEqual([])
  })
})

describe.skipIf(reason !== '')(`findPairs on photographs${reason}`, () => {
  it('finds each changed copy, and no other pair', async () => {
    const names = (await listPhotographs(PHOTOGRAPHS)).filter((_, place) => place % 60 === 0)
    const files = await Promise.all(names.map((name) => readFile(name)))
    for (const name of ['JPEG 50', 'cropped 5 % at each edge', 'brightened 10 %', 'mirrored', 'resized 0.5']) {
      const pairs = await pairsWithCopies(files, CHANGES[name] as (typeof CHANGES)[string])
      expect(named(pairs), name).toEqual(own(files.length))
    }
  })
})
