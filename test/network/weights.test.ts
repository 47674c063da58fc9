import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { findWeights, pretrainedSource, readWeights } from '../../src/network/weights.ts'
import { serve } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const FILES = {
  'model.json': JSON.stringify({
    weightsManifest: [
      {
        paths: ['group1-shard1of2', 'group1-shard2of2'],
        weights: [{ name: 'conv1/kernel', shape: [1, 3], dtype: 'float32' }],
      },
      {
        paths: ['group2-shard1of1'],
        weights: [
          { name: 'bn/gamma', shape: [1], dtype: 'float32' },
          { name: 'bn/beta', shape: [1], dtype: 'float32' },
        ],
      },
    ],
  }),
  'group1-shard1of2': bytesOf(1, 2).subarray(0, 5), // a shard may end inside a number
  'group1-shard2of2': Buffer.concat([bytesOf(1, 2).subarray(5), bytesOf(3)]),
  'group2-shard1of1': bytesOf(4, 5),
}
const SHA256 = Object.values(FILES)
  .reduce((hash, content) => hash.update(content), createHash('sha256'))
  .digest('hex')
const EXPECTED = [
  ['conv1/kernel', { shape: [1, 3], values: Float32Array.of(1, 2, 3) }],
  ['bn/gamma', { shape: [1], values: Float32Array.of(4) }],
  ['bn/beta', { shape: [1], values: Float32Array.of(5) }],
]
const URL_OF_MODEL = 'http://127.0.0.1:9/published/net_v1/model.json' // nothing listens there

const folder = temporaryFolder()
let environment: Record<string, string> = {}

beforeEach(async () => {
  environment = { PADDOCK_CACHE: join(folder.path, 'cache') }
})

describe('readWeights from a path', () => {
  it('gives the tensors by name, shards joined', async () => {
    const path = await writeModel('own')
    expect([...(await readWeights({ path, sha256: SHA256 }, environment)).tensors]).toEqual(EXPECTED)
  })

  it('refuses a changed shard and names both checksums', async () => {
    const path = await writeModel('own', { 'group2-shard1of1': bytesOf(4, 6) })
    await expect(readWeights({ path, sha256: SHA256 }, environment)).rejects.toThrow(
      new RegExp(`Expected weights with SHA-256 ${SHA256} .*, received [0-9a-f]{64} from ${path}`),
    )
  })

  it('says so when the checksum is that of model.json alone', async () => {
    const path = await writeModel('own')
    const sha256 = createHash('sha256').update(FILES['model.json']).digest('hex')
    await expect(readWeights({ path, sha256 }, environment)).rejects.toThrow('leaves the shards unchecked')
  })

  it('names a file that is not there', async () => {
    const path = await writeModel('own')
    await rm(join(folder.path, 'own/group2-shard1of1'))
    await expect(readWeights({ path, sha256: SHA256 }, environment)).rejects.toThrow('group2-shard1of1')
  })

  it.each([
    ['no JSON', '{', 'to be JSON'],
    ['a graph model', '{"format": "graph-model"}', 'weightsManifest'],
    [
      'a shard in another folder',
      FILES['model.json'].replace('group2', '../group2'),
      'must be the plain name of a file',
    ],
    ['quantized weights', FILES['model.json'].replace('"dtype"', '"quantization":{},"dtype"'), 'quantized weights'],
  ])('refuses %s', async (_, json, message) => {
    const path = await writeModel('own', { 'model.json': json })
    await expect(readWeights({ path, sha256: SHA256 }, environment)).rejects.toThrow(message)
  })
})

describe('readWeights from an address', () => {
  const source = { url: URL_OF_MODEL, sha256: SHA256 }

  it.each(['mirror/net_v1', 'mirror'])('finds the files in %s and keeps them in the cache', async (place) => {
    await writeModel(place)
    const mirror = { ...environment, PADDOCK_MIRROR: join(folder.path, 'mirror') }
    expect([...(await readWeights(source, mirror)).tensors]).toEqual(EXPECTED)
    await rm(join(folder.path, 'mirror'), { recursive: true })
    expect([...(await readWeights(source, environment)).tensors]).toEqual(EXPECTED)
  })

  it('can be asked beforehand where the files are: in the cache, in the mirror or nowhere', async () => {
    expect(await findWeights(source, environment)).toBeUndefined()
    const path = await writeModel('mirror/net_v1')
    const mirror = { ...environment, PADDOCK_MIRROR: join(folder.path, 'mirror') }
    expect(await findWeights(source, mirror)).toBe(path)
    await readWeights(source, mirror)
    expect(await findWeights(source, environment)).toBe(join(folder.path, 'cache/weights', SHA256, 'model.json'))
  })

  it('refuses what the mirror has under a wrong checksum and keeps nothing of it', async () => {
    await writeModel('mirror/net_v1', { 'group1-shard1of2': bytesOf(9, 9).subarray(0, 5) })
    const mirror = { ...environment, PADDOCK_MIRROR: join(folder.path, 'mirror') }
    await expect(readWeights(source, mirror)).rejects.toThrow(`SHA-256 ${SHA256}`)
    await expect(readWeights(source, environment)).rejects.toThrow('PADDOCK_MIRROR')
  })

  it('says without a network, in one line, which address, which variable and which place of the cache', async () => {
    const message = await readWeights(source, environment).catch(String)
    expect(message).toContain(URL_OF_MODEL)
    expect(message).toContain('PADDOCK_MIRROR to a folder with net_v1/model.json')
    expect(message).toContain(join(folder.path, 'cache/weights', SHA256))
    expect(message).not.toContain('\n')
    const mirror = { ...environment, PADDOCK_MIRROR: join(folder.path, 'nowhere') }
    const said = await readWeights(source, mirror).catch(String)
    expect(said).toContain(
      `put net_v1/model.json and its shards into PADDOCK_MIRROR, ${join(folder.path, 'nowhere')}, which does not exist, or`,
    )
    const empty = await readWeights(source, { ...mirror, PADDOCK_MIRROR: folder.path }).catch(String)
    expect(empty).toContain(`into PADDOCK_MIRROR, ${folder.path}, which lacks them, or`)
  })

  it('downloads the files, and not a second time', async () => {
    const server = await serve((request, response) =>
      response.end(Object.entries(FILES).find(([name]) => request.url === `/net_v1/${name}`)?.[1]),
    )
    const served = { url: `${server.url}/net_v1/model.json`, sha256: SHA256 }
    await readWeights(served, environment)
    expect([...(await readWeights(served, environment)).tensors]).toEqual(EXPECTED)
    expect(server.requests).toHaveLength(4)
    await server.close()
  })

  it('names the status of a server that refuses', async () => {
    const server = await serve((_, response) => response.writeHead(404).end())
    const served = { url: `${server.url}/net_v1/model.json`, sha256: SHA256 }
    await expect(readWeights(served, environment)).rejects.toThrow('status 404')
    await server.close()
  })

  it('refuses a cache whose files were changed', async () => {
    await writeModel(`cache/weights/${SHA256}`, { 'group2-shard1of1': bytesOf(0, 0) })
    await expect(readWeights(source, environment)).rejects.toThrow(join(folder.path, 'cache/weights', SHA256))
  })
})

describe('readWeights of a file of Keras', () => {
  const FILE = 'test/fixtures/keras-legacy.h5'
  const url = 'http://127.0.0.1:9/published/net_v1/net.h5' // nothing listens there

  it('takes one that an entry names by its SHA-256', async () => {
    const sha256 = await digestOf(FILE, 'sha256')
    const { format, tensors } = await readWeights({ path: FILE, sha256 }, environment)
    expect(format).toBe('keras')
    expect(tensors.get('conv/bias')).toEqual({ shape: [2], values: Float32Array.of(100, 101) })
    await expect(readWeights({ path: FILE, sha256: SHA256 }, environment)).rejects.toThrow(
      `Expected weights with SHA-256 ${SHA256}, received ${sha256} from ${FILE}.`,
    )
  })

  it.each(['mirror/net_v1', 'mirror'])('finds a published one in %s and keeps it in the cache', async (place) => {
    const published = { url, md5: await digestOf(FILE, 'md5') }
    await mkdir(join(folder.path, place), { recursive: true })
    await copyFile(FILE, join(folder.path, place, 'net.h5'))
    const mirror = { ...environment, PADDOCK_MIRROR: join(folder.path, 'mirror') }
    expect((await readWeights(published, mirror)).tensors.size).toBe(7)
    await rm(join(folder.path, 'mirror'), { recursive: true })
    expect((await readWeights(published, environment)).tensors.size).toBe(7)
  })

  it('downloads a published one', async () => {
    const content = await readFile(FILE)
    const server = await serve((request, response) =>
      response.end(request.url === '/net_v1/net.h5' ? content : undefined),
    )
    const published = { url: `${server.url}/net_v1/net.h5`, md5: await digestOf(FILE, 'md5') }
    expect((await readWeights(published, environment)).tensors.size).toBe(7)
    await server.close()
  })

  it('refuses a published one that was cut off, names both sizes, and keeps nothing of it', async () => {
    const published = { url, md5: await digestOf(FILE, 'md5'), sizeBytes: 24_936 }
    await mkdir(join(folder.path, 'mirror'), { recursive: true })
    await writeFile(join(folder.path, 'mirror/net.h5'), (await readFile(FILE)).subarray(0, 1000))
    const mirror = { ...environment, PADDOCK_MIRROR: join(folder.path, 'mirror') }
    await expect(readWeights(published, mirror)).rejects.toThrow(
      new RegExp(`Expected weights with MD5 ${published.md5} and 24936 bytes, received [0-9a-f]{32} and 1000 bytes`),
    )
    await expect(readWeights(published, environment)).rejects.toThrow('PADDOCK_MIRROR')
  })

  it('says without a network which address, which variable and which place of the cache', async () => {
    const message = await readWeights({ url, md5: 'f'.repeat(32) }, environment).catch(String)
    expect(message).toContain(`Expected weights at ${url}`)
    expect(message).toContain('PADDOCK_MIRROR to a folder with net_v1/net.h5, or put this file into')
    expect(message).toContain(join(folder.path, 'cache/weights', 'f'.repeat(32)))
  })
})

describe('pretrainedSource', () => {
  const own = { path: 'mine/model.json', sha256: SHA256 }
  const official = { url: URL_OF_MODEL, sha256: SHA256, head: [] }

  it("prefers the entry's own weights to the official ones", () => {
    expect(pretrainedSource('net', own, official)).toBe(own)
    expect(pretrainedSource('net', undefined, official)).toEqual({ url: URL_OF_MODEL, sha256: SHA256 })
  })

  it('gives the MD5 of a file of Keras', () => {
    const file = { url: 'http://127.0.0.1:9/net.h5', sha256: null, md5: 'f'.repeat(32), sizeBytes: 9, head: [] }
    expect(pretrainedSource('net', undefined, file)).toEqual({ url: file.url, md5: file.md5, sizeBytes: 9 })
    expect(pretrainedSource('net', own, file)).toBe(own)
  })

  it('asks for weights where none are known, or none whose checksum is known', () => {
    expect(() => pretrainedSource('net', undefined, null)).toThrow('Add weights: {path or url, sha256} to its entry')
    expect(() => pretrainedSource('net', undefined, { ...official, sha256: null })).toThrow(URL_OF_MODEL)
  })
})

function bytesOf(...numbers: number[]): Buffer {
  return Buffer.from(Float32Array.from(numbers).buffer)
}

async function digestOf(path: string, algorithm: 'md5' | 'sha256'): Promise<string> {
  return createHash(algorithm)
    .update(await readFile(path))
    .digest('hex')
}

/** Writes the files of the model into a folder below the temporary one, and gives the path of model.json. */
async function writeModel(place: string, changes: Readonly<Record<string, string | Buffer>> = {}): Promise<string> {
  await mkdir(join(folder.path, place), { recursive: true })
  for (const [name, content] of Object.entries({ ...FILES, ...changes })) {
    await writeFile(join(folder.path, place, name), content)
  }
  return join(folder.path, place, 'model.json')
}
