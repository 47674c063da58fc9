import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sha256 } from '../../src/core/files.ts'
import { openKaggle } from '../../src/fetch/kaggle.ts'
import type { KaggleParams } from '../../src/fetch/params.ts'
import { listFiles } from '../support/refusal.ts'
import { fileOf, type LocalServer, serve } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const POLICY = { attempts: 3, firstWaitMs: 1, longestWaitMs: 100, silenceMs: 500, longestBodyBytes: 1e6 }
const FILES = ['gatto/a.jpeg', 'gatto/b.jpeg', 'cane/a.jpeg', 'ragno/a.jpeg'].map((name) => `raw-img/${name}`)
const TEST_IMAGES = { 'cat_dark.jpg': 'dark', 'dog_bar.jpg': 'bar' }

const archive = Buffer.from(
  zipSync(Object.fromEntries([...FILES, 'translate.py'].map((name) => [name, strToU8(name)]))),
)

const folder = temporaryFolder()
let kaggle: LocalServer
let repository: LocalServer
let params: KaggleParams

beforeEach(async () => {
  kaggle = await serve(fileOf(archive))
  repository = await serve(({ url = '' }, response) => {
    const content = new Map(Object.entries(TEST_IMAGES)).get(url.replace('/tests/', ''))
    response.writeHead(content === undefined ? 404 : 200).end(content)
  })
  const classes = new Map(Object.entries({ cat: { folder: 'gatto', images: 2 }, dog: { folder: 'cane', images: 1 } }))
  const digests = Object.entries(TEST_IMAGES).map(([name, content]) => [name, sha256(content)] as const)
  const test = { url: `${repository.url}/tests/`, sha256: new Map(digests) }
  params = { source: 'kaggle', maxRejected: 0, nearDuplicates: true, dataset: 'owner/animals', classes, test }
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(async () => {
  vi.restoreAllMocks()
  await kaggle.close()
  await repository.close()
})

const open = (changes: Partial<KaggleParams> = {}, environment = {}) =>
  openKaggle(
    { ...params, ...changes },
    {
      label: 'use',
      policy: POLICY,
      environment: {
        PADDOCK_CACHE: join(folder.path, 'cache'),
        HOME: folder.path,
        KAGGLE_API_ENDPOINT: kaggle.url,
        KAGGLE_USERNAME: 'me',
        KAGGLE_KEY: 'abc',
        ...environment,
      },
    },
  )

/** The message of a refusal. Expects one line. */
async function refused(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(Error)
  const { message } = error as Error
  expect(message).not.toContain('\n')
  return message
}

const downloaded = () => listFiles(join(folder.path, 'cache')).catch(() => [])
const zipPath = () => join(folder.path, 'cache/downloads/kaggle/owner/animals.zip')

describe('openKaggle', () => {
  it('downloads the data set with the key, and fills a folder with its classes and the published test images', async () => {
    const { fill, notes } = await open()
    await fill(join(folder.path, 'data'))
    expect(
      (await listFiles(join(folder.path, 'data'))).map((path) => path.replace(join(folder.path, 'data/'), '')),
    ).toEqual(['test/cat_dark.jpg', 'test/dog_bar.jpg', 'train/cat/a.jpeg', 'train/cat/b.jpeg', 'train/dog/a.jpeg'])
    expect(await readFile(join(folder.path, 'data/train/dog/a.jpeg'), 'utf8')).toBe('raw-img/cane/a.jpeg')
    expect(notes).toEqual([`archive of owner/animals: ${zipPath()} (0.0 MB)`, 'training images: cat 2, dog 1'])
    expect(kaggle.requests.map(({ url }) => url)).toEqual(['/api/v1/datasets/download/owner/animals'])
    expect(kaggle.requests[0]?.headers.authorization).toBe('Basic bWU6YWJj') // me:abc
  })

  it('downloads nothing that is in the cache, and needs no key then', async () => {
    await open()
    const asked = [kaggle.requests.length, repository.requests.length]
    await open({}, { KAGGLE_KEY: undefined, KAGGLE_USERNAME: undefined })
    expect([kaggle.requests.length, repository.requests.length]).toEqual(asked)
  })

  it('reports a missing key before any request', async () => {
    expect(await refused(open({}, { KAGGLE_KEY: undefined, KAGGLE_USERNAME: undefined }))).toContain(
      'received none. Get one',
    )
    expect([kaggle.requests.length, repository.requests.length]).toEqual([0, 0])
  })

  it.each([
    [401, 'Unauthorized. Kaggle does not know the key in KAGGLE_USERNAME and KAGGLE_KEY: make a new one at'],
    [403, 'Forbidden. Kaggle refuses this to the key in KAGGLE_USERNAME and KAGGLE_KEY: make a new one at'],
    [404, 'Not Found. Correct fetch.dataset.'],
  ])('explains status %i', async (status, words) => {
    kaggle.answer((_request, response) => response.writeHead(status).end())
    expect(await refused(open())).toContain(
      `Expected the archive of owner/animals from Kaggle, received HTTP ${status} ${words}`,
    )
    expect(await downloaded()).toEqual([])
  })

  it.each([
    ['a truncated archive', archive.subarray(0, -30)],
    ['a page instead of an archive', Buffer.from('<html>Sign in</html>')],
  ])('deletes %s, so that the next run downloads it again', async (_what, content) => {
    kaggle.answer(fileOf(content))
    expect(await refused(open())).toMatch(
      /^Expected a whole archive of owner\/animals from Kaggle, received one that cannot be unpacked: .+\. Deleted; run it again to download it\.$/,
    )
    expect(await downloaded()).toEqual([])
    kaggle.answer(fileOf(archive))
    await expect(open()).resolves.toBeDefined()
  })

  it('detects changed bits when it unpacks them', async () => {
    const changed = Buffer.from(
      zipSync(Object.fromEntries(FILES.map((name) => [name, strToU8('image')])), { level: 0 }),
    )
    changed[changed.indexOf('image')] = 'P'.charCodeAt(0)
    kaggle.answer(fileOf(changed))
    const { fill } = await open()
    expect(await refused(fill(join(folder.path, 'data')))).toContain(
      'cannot be unpacked: a member with a wrong checksum: "raw-img/gatto/a.jpeg". Deleted',
    )
    expect(await downloaded()).not.toContain(zipPath())
  })

  it('refuses an archive with more or fewer images than expected, and keeps it', async () => {
    const classes = {
      cat: { folder: 'gatto', images: 1668 },
      dog: { folder: 'cane', images: 1 },
      bird: { folder: 'uccello', images: 3 },
    }
    expect(await refused(open({ classes: new Map(Object.entries(classes)) }))).toBe(
      `Expected 1668 in gatto (cat), 3 in uccello (bird) of owner/animals, received 2 in gatto (cat), 0 in uccello (bird). Correct fetch.classes if the data set has changed, or remove ${zipPath()} to download it again.`,
    )
    expect(await downloaded()).toEqual([zipPath()])
  })

  it('refuses a member that leaves the folder', async () => {
    kaggle.answer(fileOf(Buffer.from(zipSync({ '../../gatto/evil.jpeg': strToU8('x') }))))
    expect(await refused(open())).toContain('cannot be unpacked: invalid relative path: ../../gatto/evil.jpeg')
  })

  it('refuses a test image with another checksum, and one that does not exist', async () => {
    const test = { url: `${repository.url}/tests/`, sha256: new Map([['cat_dark.jpg', '0'.repeat(64)]]) }
    expect(await refused(open({ test }))).toBe(
      `Expected the SHA-256 ${'0'.repeat(64)} of the test image cat_dark.jpg from ${repository.url}/tests/cat_dark.jpg, received ${sha256('dark')}. Correct fetch.test, or name a folder with --test DIR.`,
    )
    expect(await refused(open({ test: { ...test, sha256: new Map([['cat_no.jpg', '0'.repeat(64)]]) } }))).toContain(
      'received HTTP 404 Not Found. Correct fetch.test, or name a folder with --test DIR.',
    )
    expect(await downloaded()).toEqual([zipPath()])
  })

  it('downloads no test images where they come from a folder', async () => {
    const { fill } = await open({ test: null })
    await fill(join(folder.path, 'data'))
    expect(await readdir(join(folder.path, 'data'))).toEqual(['train'])
    expect(repository.requests).toEqual([])
  })
})
