import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pretrainedSource, readWeights } from '../../src/models/weights.ts'

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

let folder = ''
let environment: Record<string, string> = {}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-weights-'))
  environment = { PADDOCK_CACHE: join(folder, 'cache') }
})
afterEach(() => rm(folder, { recursive: true }))

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
    await rm(join(folder, 'own/group2-shard1of1'))
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
    const mirror = { ...environment, PADDOCK_MIRROR: join(folder, 'mirror') }
    expect([...(await readWeights(source, mirror)).tensors]).toEqual(EXPECTED)
    await rm(join(folder, 'mirror'), { recursive: true })
    expect([...(await readWeights(source, environment)).tensors]).toEqual(EXPECTED)
  })

  it('refuses what the mirror has under a wrong checksum and keeps nothing of it', async () => {
    await writeModel('mirror/net_v1', { 'group1-shard1of2': bytesOf(9, 9).subarray(0, 5) })
    const mirror = { ...environment, PADDOCK_MIRROR: join(folder, 'mirror') }
    await expect(readWeights(source, mirror)).rejects.toThrow(`SHA-256 ${SHA256}`)
    await expect(readWeights(source, environment)).rejects.toThrow('PADDOCK_MIRROR')
  })

  it('says without a network, in one line, which address, which variable and which place of the cache', async () => {
    const message = await readWeights(source, environment).catch(String)
    expect(message).toContain(URL_OF_MODEL)
    expect(message).toContain('PADDOCK_MIRROR to a folder with net_v1/model.json')
    expect(message).toContain(join(folder, 'cache/weights', SHA256))
    expect(message).not.toContain('\n')
  })

  it('downloads the files, and not a second time', async () => {
    const requests: string[] = []
    const tensors = await withServer(
      (request, response) => {
        requests.push(request.url ?? '')
        response.end(Object.entries(FILES).find(([name]) => request.url === `/net_v1/${name}`)?.[1])
      },
      async (origin) => {
        const served = { url: `${origin}/net_v1/model.json`, sha256: SHA256 }
        await readWeights(served, environment)
        return (await readWeights(served, environment)).tensors
      },
    )
    expect([...tensors]).toEqual(EXPECTED)
    expect(requests).toHaveLength(4)
  })

  it('names the status of a server that refuses', async () => {
    await withServer(
      (_, response) => response.writeHead(404).end(),
      async (origin) => {
        const served = { url: `${origin}/net_v1/model.json`, sha256: SHA256 }
        await expect(readWeights(served, environment)).rejects.toThrow('status 404')
      },
    )
  })

  it('refuses a cache whose files were changed', async () => {
    await writeModel(`cache/weights/${SHA256}`, { 'group2-shard1of1': bytesOf(0, 0) })
    await expect(readWeights(source, environment)).rejects.toThrow(join(folder, 'cache/weights', SHA256))
  })
})

describe('pretrainedSource', () => {
  const own = { path: 'mine/model.json', sha256: SHA256 }
  const official = { url: URL_OF_MODEL, sha256: SHA256, head: [] }

  it("prefers the entry's own weights to the official ones", () => {
    expect(pretrainedSource('net', own, official)).toBe(own)
    expect(pretrainedSource('net', undefined, official)).toEqual({ url: URL_OF_MODEL, sha256: SHA256 })
  })

  it('asks for weights where none are known, or none whose checksum is known', () => {
    expect(() => pretrainedSource('net', undefined, null)).toThrow('Add weights: {path or url, sha256} to its entry')
    expect(() => pretrainedSource('net', undefined, { ...official, sha256: null })).toThrow(URL_OF_MODEL)
  })
})

function bytesOf(...numbers: number[]): Buffer {
  return Buffer.from(Float32Array.from(numbers).buffer)
}

/** Writes the files of the model into a folder below the temporary one, and gives the path of model.json. */
async function writeModel(place: string, changes: Readonly<Record<string, string | Buffer>> = {}): Promise<string> {
  await mkdir(join(folder, place), { recursive: true })
  for (const [name, content] of Object.entries({ ...FILES, ...changes })) {
    await writeFile(join(folder, place, name), content)
  }
  return join(folder, place, 'model.json')
}

async function withServer<T>(answer: RequestListener, work: (origin: string) => Promise<T>): Promise<T> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
