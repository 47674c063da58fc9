import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { sha256 } from '../../src/core/files.ts'
import { hashFolder } from '../../src/fetch/folder-hash.ts'
import type { FetchParams } from '../../src/fetch/params.ts'
import { provideImages, type Wanted } from '../../src/fetch/sources.ts'
import { makeTar, makeZip } from '../support/archives.ts'
import { drawImage, writeImages } from '../support/images.ts'
import { fileOf, type LocalServer, serve } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const IMAGES = ['train/cat/a.png', 'train/dog/b.png', 'test/cat_1.png']
const POLICY = { attempts: 2, firstWaitMs: 1, longestWaitMs: 100, silenceMs: 500, longestBodyBytes: 1e6 }
const OTHER_PIN = `${'0'.repeat(32)}.dir`

const base = temporaryFolder()
let folder: string
/** The pin of IMAGES. */
let pin: string
beforeEach(async () => {
  folder = join(base.path, 'work/data')
  await writeImages(join(base.path, 'elsewhere'), IMAGES)
  await writeImages(join(base.path, 'work'), ['other.png'])
  pin = (await hashFolder(join(base.path, 'elsewhere'))).md5
})

function wanted(changes: Partial<Wanted> = {}): Wanted {
  const params: FetchParams = { source: 'folder', maxRejected: 0, nearDuplicates: true }
  return { folder, pin, params, seed: 1, pull: async () => false, policy: POLICY, ...changes }
}

describe('provideImages', () => {
  it('uses images that match the pin, and does not pull', async () => {
    await writeImages(folder, IMAGES)
    const pull = () => Promise.reject(new Error('asked'))
    await expect(provideImages(wanted({ pull }))).resolves.toBeUndefined()
  })

  it('does not change images that do not match, and names both pins and how to accept', async () => {
    await writeImages(folder, [...IMAGES, 'train/cat/new.png'])
    const { md5 } = await hashFolder(folder)
    const failure = provideImages(wanted({ pull: () => Promise.reject(new Error('asked')) }))
    await expect(failure).rejects.toThrow(
      `Expected the images of the pin ${pin}, received ${md5} (4 files) in ${folder}/. To accept these: \`npm run add\`.`,
    )
    expect((await hashFolder(folder)).md5).toBe(md5)
  })

  it('pulls where there is no folder, or an empty one', async () => {
    await writeImages(join(folder, '..'), ['data/.gone/x.png'])
    await rm(join(folder, '.gone'), { recursive: true })
    const pull = async () => {
      await writeImages(folder, IMAGES)
      return true
    }
    await provideImages(wanted({ pull }))
    expect((await hashFolder(folder)).md5).toBe(pin)
  })

  it('removes what a failed pull left, and continues with the source', async () => {
    const pull = async () => {
      await writeImages(folder, ['train/cat/half.png'])
      return false
    }
    await expect(provideImages(wanted({ pull }))).rejects.toThrow(
      'Expected the images in data/, or where `dvc pull` finds them, received none. Put them there with `npm run use -- folder --data DIR`.',
    )
    expect(await readdir(join(base.path, 'work'))).toEqual(['other.png'])
  })

  it('explains that Kaggle has no test images where they came from a folder', async () => {
    const classes = new Map([['cat', { folder: 'gatto', images: 1 }]])
    const params: FetchParams = {
      source: 'kaggle',
      maxRejected: 0,
      nearDuplicates: true,
      dataset: 'owner/name',
      classes,
      test: null,
    }
    await expect(provideImages(wanted({ params }))).rejects.toThrow(
      'Expected the test images in data/, or where `dvc pull` finds them, received none, and Kaggle has none either. Put them there with `npm run use -- animals10 --test DIR`.',
    )
  })

  it('draws the sample, the same for the same seed', async () => {
    const params: FetchParams = {
      source: 'sample',
      maxRejected: 0,
      nearDuplicates: true,
      imagesPerClass: 2,
      testImagesPerClass: 1,
      size: 32,
    }
    await expect(provideImages(wanted({ params, pin: OTHER_PIN }))).rejects.toThrow('restore seed and fetch (sample)')
    const drawn = await hashFolder(folder)
    expect(drawn.nfiles).toBe(9)
    await rm(folder, { recursive: true })
    await provideImages(wanted({ params, pin: drawn.md5 }))
    await rm(folder, { recursive: true })
    await expect(provideImages(wanted({ params, pin: drawn.md5, seed: 2 }))).rejects.toThrow(DataError)
  })
})

describe('provideImages from an archive', () => {
  let server: LocalServer
  let url: string
  beforeAll(async () => {
    server = await serve(() => {})
    url = `${server.url}/images`
    vi.spyOn(console, 'error').mockImplementation(() => {})
  })
  beforeEach(() => void vi.stubEnv('PADDOCK_CACHE', join(base.path, 'cache')))
  afterEach(() => void vi.unstubAllEnvs())
  afterAll(async () => {
    vi.restoreAllMocks()
    await server.close()
  })

  const answer = (listener: RequestListener) => server.answer(listener)
  const members = async () =>
    Promise.all(IMAGES.map(async (name, number) => ({ name: `animals/${name}`, content: await drawImage({ number }) })))

  /** Asks for an archive; whatever happens, nothing but the images may be left beside data/. */
  async function provide(url: string, digest: string): Promise<void> {
    const params: FetchParams = { source: 'archive', maxRejected: 0, nearDuplicates: true, url, sha256: digest }
    try {
      await provideImages(wanted({ params }))
    } finally {
      expect((await readdir(join(base.path, 'work'))).filter((name) => name !== 'data')).toEqual(['other.png'])
    }
  }

  it('downloads and unpacks a zip', async () => {
    const zip = makeZip(await members())
    answer((_request, response) => response.end(zip))
    await provide(url, sha256(zip))
    expect((await hashFolder(folder)).md5).toBe(pin)
  })

  it('downloads a tar.gz through a redirect, without a length', async () => {
    const tar = gzipSync(makeTar(await members()))
    answer((request, response) => {
      if (request.url === '/images') return response.writeHead(302, { location: '/there' }).end()
      response.write(tar.subarray(0, 100))
      response.end(tar.subarray(100))
    })
    await provide(url, sha256(tar))
    expect((await hashFolder(folder)).md5).toBe(pin)
  })

  it('reads a local file by its file: address', async () => {
    const zip = makeZip(await members())
    await writeFile(join(base.path, 'images.zip'), zip)
    await provide(pathToFileURL(join(base.path, 'images.zip')).href, sha256(zip))
    expect(await readFile(join(base.path, 'images.zip'))).toEqual(zip)
  })

  it('keeps images that do not match the pin, to be accepted', async () => {
    const zip = makeZip((await members()).slice(1))
    answer((_request, response) => response.end(zip))
    await expect(provide(url, sha256(zip))).rejects.toThrow(/\(2 files\).*npm run add/)
    expect((await hashFolder(folder)).nfiles).toBe(2)
  })

  it.each([403, 404])('reports that the server answered %i', async (status) => {
    answer((_request, response) => response.writeHead(status).end('no'))
    await expect(provide(`${url}?token=secret`, '0'.repeat(64))).rejects.toThrow(
      new RegExp(`^Expected the archive at ${url}, received HTTP ${status} .*fetch\\.url`),
    )
    await expect(readdir(folder)).rejects.toThrow('ENOENT')
  })

  it('names both checksums of another file', async () => {
    const zip = makeZip(await members())
    answer((_request, response) => response.end(zip))
    await expect(provide(url, '0'.repeat(64))).rejects.toThrow(
      `Expected the SHA-256 ${'0'.repeat(64)} of the archive at ${url}, received ${sha256(zip)}.`,
    )
    await expect(readdir(folder)).rejects.toThrow('ENOENT')
  })

  it('continues where a server broke off, and gives up after some attempts', async () => {
    const zip = makeZip(await members())
    let breaks = 1
    answer((request, response) =>
      fileOf(zip, { breakAfter: breaks-- > 0 ? 50 : Number.POSITIVE_INFINITY })(request, response),
    )
    await provide(url, sha256(zip))
    expect((await hashFolder(folder)).md5).toBe(pin)
    await rm(folder, { recursive: true })
    await rm(join(base.path, 'cache'), { recursive: true })
    answer((_request, response) => response.writeHead(500).end())
    await expect(provide(url, sha256(zip))).rejects.toThrow(
      /^Expected the archive at .*, received: HTTP 500 Internal Server Error \(try 2\)\. Run it again later\.$/,
    )
    await expect(readdir(folder)).rejects.toThrow('ENOENT')
  })

  it('downloads an archive once, for any number of checkouts', async () => {
    const zip = makeZip(await members())
    answer((_request, response) => response.end(zip))
    await provide(url, sha256(zip))
    await rm(folder, { recursive: true })
    answer((_request, response) => response.writeHead(404).end())
    await provide(url, sha256(zip))
    expect((await hashFolder(folder)).md5).toBe(pin)
  })

  it('refuses another kind of address', async () => {
    await expect(provide('ftp://example.org/a.zip', '0'.repeat(64))).rejects.toThrow(DataError)
  })

  it.each([
    [
      'a path that leaves the folder',
      { name: '../../evil.png', content: 'x' },
      'invalid relative path: ../../evil.png',
    ],
    ['a link', { name: 'train/cat/l.png', content: '/etc/passwd', mode: 0o120777 }, 'a link: "train/cat/l.png"'],
  ])('unpacks nothing of a zip with %s', async (_what, member, words) => {
    const zip = makeZip([...(await members()), member])
    answer((_request, response) => response.end(zip))
    await expect(provide(url, sha256(zip))).rejects.toThrow(words)
    await expect(readdir(folder)).rejects.toThrow('ENOENT')
    expect(await readdir(base.path)).not.toContain('evil.png')
  })
})
