import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { type FeatureCache, featureFolder, openFeatureCache } from '../../src/network/features.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const VALUES = Float32Array.of(1.5, Number.NaN, -3e-38)
/** Three floats and a SHA-256. */
const FILE_BYTES = 3 * 4 + 32

const temporary = temporaryFolder()
let folder: string
let warnings: string[]
let cache: FeatureCache

const open = (limitBytes: number) => openFeatureCache(folder, limitBytes, (message) => void warnings.push(message))
const names = async () => (await readdir(folder)).sort()

beforeEach(() => {
  folder = join(temporary.path, 'features')
  warnings = []
  cache = open(1000)
})

describe('openFeatureCache', () => {
  it('returns what was written under the same key, bit for bit, and nothing under another', async () => {
    await cache.write('a', VALUES)
    expect(await cache.read('a')).toEqual(VALUES)
    expect(await cache.read('b')).toBeUndefined()
    expect(await names()).toEqual(['a.features'])
    expect(warnings).toEqual([])
  })

  it.each([
    ['a changed byte', (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === 5 ? byte ^ 1 : byte)))],
    ['a missing end', (bytes: Buffer) => bytes.subarray(0, -4)],
    ['no content', () => Buffer.alloc(0)],
  ])('warns about %s and returns nothing', async (_name, damage) => {
    await cache.write('a', VALUES)
    const path = join(folder, 'a.features')
    await writeFile(path, damage(await readFile(path)))
    expect(await cache.read('a')).toBeUndefined()
    expect(warnings).toEqual([`Expected features in ${path}, received a damaged file. They are computed again.`])
    await cache.write('a', VALUES)
    expect(await cache.read('a')).toEqual(VALUES)
  })

  it("does not take another key's file", async () => {
    await cache.write('a', VALUES)
    await writeFile(join(folder, 'b.features'), await readFile(join(folder, 'a.features')))
    expect(await cache.read('b')).toBeUndefined()
    expect(warnings).toHaveLength(1)
  })

  it('removes the least recently used file beyond the limit', async () => {
    cache = open(2 * FILE_BYTES)
    for (const [key, seconds] of Object.entries({ a: 100, b: 200 })) {
      await cache.write(key, VALUES)
      await utimes(join(folder, `${key}.features`), seconds, seconds)
    }
    await cache.read('a') // which makes b the older one
    await cache.write('c', VALUES)
    expect(await names()).toEqual(['a.features', 'c.features'])
  })

  it('only warns when nothing can be written', async () => {
    await mkdir(join(folder, 'a.features'), { recursive: true }) // a file cannot take the place of a folder
    await cache.write('a', VALUES)
    expect(warnings[0]).toMatch(/^the features could not be cached: .* The next run computes them again\.$/)
    expect(await cache.read('a')).toBeUndefined()
  })
})

describe('featureFolder', () => {
  it('is PADDOCK_FEATURES, else in the cache', () => {
    expect(featureFolder({ PADDOCK_FEATURES: '/f', PADDOCK_CACHE: '/c' })).toBe('/f')
    expect(featureFolder({ PADDOCK_CACHE: '/c' })).toBe('/c/features')
  })
})
