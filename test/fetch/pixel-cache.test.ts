import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/files.ts'
import { openPixelCache, type PixelCache, pixelFolder } from '../../src/fetch/pixel-cache.ts'

const SIZE = 4
const SQUARE = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, place) => place)
/** The pixels and a SHA-256. */
const FILE_BYTES = SIZE * SIZE * 3 + 32
const [A, B, C] = ['a', 'b', 'c'].map((name) => sha256(name)) as [string, string, string]

let folder: string
let warnings: string[]
const open = (limitBytes = 1000, fit: 'cover' | 'fill' = 'cover'): Promise<PixelCache> =>
  openPixelCache({ size: SIZE, fit }, { folder, limitBytes, warn: (message) => void warnings.push(message) })

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'paddock-pixels-')), 'pixels')
  warnings = []
})
afterEach(() => rm(join(folder, '..'), { recursive: true }))

describe('openPixelCache', () => {
  it('gives back the pixels of an image of the same content, size and fit alone', async () => {
    const cache = await open()
    cache.write(A, SQUARE)
    expect(Buffer.from(cache.read(A) ?? [])).toEqual(Buffer.from(SQUARE))
    expect(cache.read(B)).toBeUndefined()
    expect((await open(1000, 'fill')).read(A)).toBeUndefined()
    expect(warnings).toEqual([])
  })

  it.each([
    ['a changed byte', (bytes: Buffer) => Buffer.from(bytes.map((byte, place) => (place === 5 ? byte ^ 1 : byte)))],
    ['a missing end', (bytes: Buffer) => bytes.subarray(0, -4)],
    ['no content', () => Buffer.alloc(0)],
  ])('says a word about %s and gives nothing', async (_what, damage) => {
    const cache = await open()
    cache.write(A, SQUARE)
    const path = join(folder, (await readdir(folder))[0] ?? '')
    await writeFile(path, damage(await readFile(path)))
    expect(cache.read(A)).toBeUndefined()
    expect(warnings).toEqual([`Expected whole pixels in ${path}, received a damaged file. The image is decoded again.`])
  })

  it("does not take another image's file", async () => {
    const cache = await open()
    cache.write(A, SQUARE)
    const [name = ''] = await readdir(folder)
    cache.write(
      B,
      SQUARE.map((value) => value + 1),
    )
    const other = (await readdir(folder)).find((each) => each !== name) ?? ''
    await writeFile(join(folder, other), await readFile(join(folder, name)))
    expect(cache.read(B)).toBeUndefined()
  })

  it('removes what was used longest ago where there is too much', async () => {
    const cache = await open(2 * FILE_BYTES)
    for (const [key, seconds] of [
      [A, 100],
      [B, 200],
    ] as const) {
      const before = new Set(await readdir(folder).catch(() => []))
      cache.write(key, SQUARE)
      const fresh = (await readdir(folder)).find((name) => !before.has(name)) ?? ''
      await utimes(join(folder, fresh), seconds, seconds)
    }
    cache.read(A) // which makes B the older one
    cache.write(C, SQUARE)
    await cache.trim()
    expect([A, B, C].map((key) => cache.read(key) !== undefined)).toEqual([true, false, true])
  })

  it('goes on where nothing can be written, and says so once', async () => {
    await writeFile(folder, 'a file')
    const cache = await open()
    for (const key of [A, B]) cache.write(key, SQUARE)
    await cache.trim()
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/^decoded images cannot be kept: .* They are decoded again\.$/)
    expect(cache.read(A)).toBeUndefined()
  })
})

describe('pixelFolder', () => {
  it('is PADDOCK_PIXELS, else in the cache', () => {
    expect(pixelFolder({ PADDOCK_PIXELS: '/p', PADDOCK_CACHE: '/c' })).toBe('/p')
    expect(pixelFolder({ PADDOCK_CACHE: '/c' })).toBe('/c/pixels')
  })
})
