import { join } from 'node:path'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseDocument } from 'yaml'
import { sha256 } from '../../src/core/files.ts'
import { readPin } from '../../src/dataset/pin.ts'
import { hashFolder } from '../../src/fetch/folder-hash.ts'
import { use } from '../../src/workspace/use.ts'
import { type Clone, cloneAgain, cloneCheckout, commit } from '../support/clone.ts'
import { drawImage, writeTo } from '../support/images.ts'
import { listFiles, refusal } from '../support/refusal.ts'
import { fileOf, type LocalServer, serve } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const IMAGES = ['gatto/1.png', 'gatto/2.png', 'cane/1.png', 'cavallo/1.png', 'ragno/1.png']
const DATA = ['train/cat/1.png', 'train/cat/2.png', 'train/dog/1.png', 'train/horse/1.png'].map(
  (path) => `data/${path}`,
)

/** Takes the place of Kaggle and of the study's repository. */
let server: LocalServer
let archive: Buffer
let testImage: Buffer
/** The study's data set in small, in a clone that takes one profile after the other. */
let clone: Clone
const folder = temporaryFolder({ per: 'file' })
const before = process.cwd()

beforeAll(async () => {
  const drawn = IMAGES.map(async (name, number) => [`raw-img/${name}`, await drawImage({ number })] as const)
  archive = Buffer.from(zipSync(Object.fromEntries(await Promise.all(drawn)), { level: 0 }))
  testImage = await drawImage({ number: 90 })
  await writeTo(join(folder.path, 'test/horse_own.png'), await drawImage({ number: 91 }))
  server = await serve(() => {})
  clone = await cloneCheckout()
  const profile = parseDocument(await clone.read('profiles/animals10.yaml'))
  for (const [label, images] of Object.entries({ cat: 2, dog: 1, horse: 1 })) {
    profile.setIn(['fetch', 'classes', label, 'images'], images)
  }
  profile.setIn(['fetch', 'test'], { url: `${server.url}/tests/`, sha256: { 'cat_dark.png': sha256(testImage) } })
  await clone.write('profiles/animals10.yaml', profile.toString({ lineWidth: 0 }))
  process.chdir(clone.root)
  vi.stubEnv('KAGGLE_API_ENDPOINT', server.url)
  vi.stubEnv('KAGGLE_CONFIG_DIR', join(folder.path, 'none'))
  vi.stubEnv('PADDOCK_CACHE', join(folder.path, 'cache'))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  process.chdir(before)
  await server.close()
  await clone.remove()
})

function withKey(): void {
  vi.stubEnv('KAGGLE_USERNAME', 'me')
  vi.stubEnv('KAGGLE_KEY', 'abc')
}

function serveAll(): void {
  server.answer((request, response) =>
    fileOf(request.url?.startsWith('/api/') ? archive : testImage)(request, response),
  )
}

describe('use animals10', () => {
  it('changes nothing without a key', async () => {
    expect(await refusal(clone, () => use(['animals10']))).toMatch(
      /^Expected a token for Kaggle in KAGGLE_API_TOKEN .*, or a key in KAGGLE_USERNAME/,
    )
  })

  it('changes nothing when Kaggle refuses, and ends with 1', async () => {
    withKey()
    server.answer((_request, response) => response.writeHead(403).end())
    const message = await refusal(clone, () => use(['animals10']))
    expect(message).toMatch(
      /^Expected the archive of alessiocorrado99\/animals10 from Kaggle, received HTTP 403 Forbidden\./,
    )
    expect(await clone.runHere('use', 'animals10')).toEqual({ exitCode: 1, output: `use: DataError: ${message}` })
  })

  it('refuses --data, and test images of other classes, before any request', async () => {
    const asked = server.requests.length
    expect(await refusal(clone, () => use(['animals10', '--data', folder.path]))).toMatch(
      /^Expected animals10 without --data/,
    )
    await writeTo(join(folder.path, 'birds/owl_1.png'), testImage)
    expect(await refusal(clone, () => use(['animals10', '--test', join(folder.path, 'birds')]))).toMatch(
      /^Expected test images of cat, dog, horse in .*birds, received none \(left out: no label: .* \(1: owl_1\.png\)\)\. Sort them/,
    )
    expect(server.requests).toHaveLength(asked)
  })

  it('continues a download that broke off, installs the images and pins them', async () => {
    let asked = 0
    server.answer((request, response) => {
      if (!request.url?.startsWith('/api/')) return fileOf(testImage)(request, response)
      asked++
      return fileOf(archive, asked === 1 ? { breakAfter: 100 } : {})(request, response)
    })
    const outcome = await clone.run('use', 'animals10')
    expect(outcome.exitCode).toBe(0)
    expect(server.requests.map(({ headers }) => headers.range)).toContain('bytes=100-')
    expect(await clone.read('params.yaml')).toBe(await clone.read('profiles/animals10.yaml'))
    expect(await listFiles('data')).toEqual(['data/test/cat_dark.png', ...DATA])
    expect(await readPin()).toEqual(await hashFolder('data'))
    for (const line of [
      'use: training images: cat 2, dog 1, horse 1',
      'use: test images: cat 1',
      'use: params.yaml: fetch.source "sample" -> "kaggle"',
    ])
      expect(outcome.output).toContain(line)
  })

  it('gives the same images on another machine, where neither DVC nor the cache has them', {
    timeout: 180_000,
  }, async () => {
    serveAll()
    await commit(clone)
    const second = await cloneAgain(clone)
    vi.stubEnv('PADDOCK_CACHE', join(folder.path, 'cache-there'))
    const outcome = await second.run('repro', 'fetch')
    vi.stubEnv('PADDOCK_CACHE', join(folder.path, 'cache'))
    expect(outcome.output).toContain('fetch: 5 images of 3 classes, 0 rejected')
    expect(await hashFolder(join(second.root, 'data'))).toEqual(await readPin())
    await second.remove()
  })

  it('takes the test images of a folder', async () => {
    expect((await clone.runHere('use', 'animals10', '--test', join(folder.path, 'test'))).exitCode).toBe(0)
    expect(await listFiles('data')).toEqual(['data/test/horse_own.png', ...DATA])
    expect(await clone.read('params.yaml')).toMatch(/^ {2}test: null/m)
  })
})
