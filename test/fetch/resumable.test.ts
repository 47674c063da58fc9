import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import type { Patience } from '../../src/fetch/patience.ts'
import { loadLargeFile } from '../../src/fetch/resumable.ts'
import { fileOf, type LocalServer, type Served, serve } from '../support/server.ts'

const PATIENCE: Patience = { attempts: 3, firstWaitMs: 1, longestWaitMs: 2000, silenceMs: 500 }
const CONTENT = randomBytes(300_000)
const OTHER = randomBytes(300_000)

let folder: string
let path: string
let server: LocalServer
let lines: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-resumable-'))
  path = join(folder, 'downloads/archive.zip')
  server = await serve((_request, response) => response.writeHead(500).end())
  lines = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await server.close()
  await rm(folder, { recursive: true })
})

function load(): Promise<void> {
  const remedyFor = (status: number) => `Remedy for ${status}.`
  const headers = { authorization: 'Basic secret' }
  return loadLargeFile(
    { label: 'use', what: 'the archive', url: `${server.url}/a`, headers, path, remedyFor },
    PATIENCE,
  )
}

/** One try that the server breaks off: so much of the content is there then. */
async function begin(bytes: number, served: Served = {}): Promise<void> {
  let asked = 0
  server.answer((request, response) => {
    asked++
    if (asked === 1) fileOf(CONTENT, { ...served, breakAfter: bytes })(request, response)
    else response.writeHead(404).end()
  })
  await expect(load()).rejects.toThrow('received HTTP 404 Not Found. Remedy for 404.')
  expect((await readFile(`${path}.part`)).equals(CONTENT.subarray(0, bytes))).toBe(true)
  lines = []
}

/** The message of a download that is given up. Expects one line, no whole file and no lock. */
async function failure(): Promise<string> {
  const error = await load().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(DataError)
  const { message } = error as DataError
  expect(message).not.toContain('\n')
  expect(await readdir(join(folder, 'downloads'))).not.toContain('archive.zip')
  expect(await readdir(join(folder, 'downloads'))).not.toContain('archive.zip.lock')
  return message
}

async function expectWhole(content: Buffer = CONTENT): Promise<void> {
  expect(await readdir(join(folder, 'downloads'))).toEqual(['archive.zip'])
  expect((await readFile(path)).equals(content)).toBe(true)
}

const ranges = () => server.requests.map(({ headers }) => headers.range)

describe('loadLargeFile', () => {
  it('downloads a file whole, and asks nobody when it is there', async () => {
    server.answer(fileOf(CONTENT))
    await load()
    await load()
    await expectWhole()
    expect(ranges()).toEqual([undefined])
  })

  it('goes on where the server broke off, on the condition that the file is the same', async () => {
    let asked = 0
    server.answer((request, response) =>
      fileOf(CONTENT, { breakAfter: asked++ < 2 ? 100_000 : Infinity })(request, response),
    )
    await load()
    await expectWhole()
    expect(ranges()).toEqual([undefined, 'bytes=100000-', 'bytes=200000-'])
    expect(server.requests.map(({ headers }) => headers['if-range'])).toEqual([undefined, '"1"', '"1"'])
    expect(lines).toEqual([
      'use: the archive: other side closed; again in 1 s',
      'use: the archive: other side closed; again in 1 s',
    ])
  })

  it('goes on in the next run, where patience was over in this one', async () => {
    server.answer(fileOf(CONTENT, { breakAfter: 60_000 }))
    expect(await failure()).toBe(
      'Expected the archive, received: other side closed (try 3). Run it again later; it goes on from the 0.2 MB that are kept.',
    )
    server.answer(fileOf(CONTENT))
    await load()
    await expectWhole()
    expect(ranges().at(-1)).toBe('bytes=180000-')
  })

  it('goes on with the date of the file where the server gives no tag, or a weak one', async () => {
    await begin(100_000, { etag: 'W/"1"' })
    server.answer(fileOf(CONTENT, { etag: 'W/"1"' }))
    await load()
    await expectWhole()
    expect(server.requests.at(-1)?.headers['if-range']).toBeUndefined()
  })

  it('starts over when the file has changed: the server sends the new one', async () => {
    await begin(100_000)
    server.answer(fileOf(OTHER, { etag: '"2"' }))
    await load()
    await expectWhole(OTHER)
    expect(lines).toEqual(['use: the archive: it has changed; from the beginning again'])
  })

  it.each([
    ['another tag', OTHER, '"2"'],
    ['another size', OTHER.subarray(0, 200_000), '"1"'],
    ['a size below what is there', OTHER.subarray(0, 50_000), '"1"'],
  ])('starts over when the server sends the rest of a file with %s', async (_what, content, etag) => {
    await begin(100_000)
    server.answer(fileOf(content, { etag, careless: true }))
    await load()
    await expectWhole(content)
    expect(lines).toEqual([
      'use: the archive: it has changed since its download began, which starts over; again in 1 s',
    ])
  })

  it('starts over when the server cannot go on in the middle', async () => {
    await begin(100_000)
    server.answer(fileOf(CONTENT, { whole: true }))
    await load()
    await expectWhole()
    expect(lines).toEqual(['use: the archive: the server cannot go on in the middle; from the beginning again'])
  })

  it('starts over when nothing is known of what is there', async () => {
    await begin(100_000)
    await writeFile(`${path}.part.json`, '{"etag": 1')
    server.answer(fileOf(CONTENT))
    await load()
    await expectWhole()
    expect(ranges().at(-1)).toBeUndefined()
  })

  it('only moves a part that is whole, as of a process that was killed before it could', async () => {
    await begin(100_000)
    await writeFile(`${path}.part`, CONTENT)
    await load()
    await expectWhole()
  })

  it.each([429, 500, 503])('asks again after %i, and says after three times that it is over', async (status) => {
    server.answer((_request, response) => response.writeHead(status).end())
    expect(await failure()).toMatch(
      new RegExp(`^Expected the archive, received: HTTP ${status} .* \\(try 3\\)\\. Run it again later\\.$`),
    )
    expect(server.requests).toHaveLength(3)
    expect(lines).toHaveLength(2)
  })

  it('waits for as long as the server asks, but not for hours', async () => {
    server.answer((_request, response) => response.writeHead(429, { 'retry-after': '1' }).end())
    const start = performance.now()
    await failure()
    expect(performance.now() - start).toBeGreaterThan(2000)
    server.answer((_request, response) => response.writeHead(429, { 'retry-after': '3600' }).end())
    expect(await failure()).toBe(
      'Expected the archive, received: HTTP 429 Too Many Requests, which asks to wait 3600 s. Run it again later.',
    )
  })

  it.each([401, 403, 404])('does not ask again after %i', async (status) => {
    server.answer((_request, response) => response.writeHead(status).end())
    expect(await failure()).toMatch(
      new RegExp(`^Expected the archive, received HTTP ${status} .*\\. Remedy for ${status}\\.$`),
    )
    expect(server.requests).toHaveLength(1)
  })

  it('gives the key to nobody that it is sent on to, and asks at the first address again when the second has run out', async () => {
    const other = await serve((_request, response) => response.writeHead(403).end())
    server.answer((_request, response) => response.writeHead(302, { location: `${other.url}/signed` }).end())
    expect(await failure()).toMatch(/received: HTTP 403 Forbidden \(try 3\)/)
    other.answer(fileOf(CONTENT))
    await load()
    await expectWhole()
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Basic secret']))
    expect(new Set(other.requests.map(({ headers }) => headers.authorization))).toEqual(new Set([undefined]))
    await other.close()
  })

  it('takes silence for a server that broke off', async () => {
    server.answer((_request, response) => response.writeHead(200, { 'content-length': 10 }).write('1234'))
    expect(await failure()).toBe(
      'Expected the archive, received: nothing for 0.5 s (try 3). Run it again later; it goes on from the 0.0 MB that are kept.',
    )
  })

  it('says that nobody answers', async () => {
    await server.close()
    expect(await failure()).toMatch(
      /^Expected the archive, received: connect ECONNREFUSED .* \(try 3\)\. Run it again later\.$/,
    )
    server = await serve(() => {})
  })

  it('says before it begins that there is no room', async () => {
    server.answer((_request, response) => response.writeHead(200, { 'content-length': 1e18 }).write('1234'))
    expect(await failure()).toMatch(
      /^Expected 1000000000000\.0 MB free on the disk of .*downloads, received \d+\.\d MB\. Make room there, or name another folder in PADDOCK_CACHE, and run it again; what is there is kept\.$/,
    )
  })

  it('says that the disk is full when it runs full meanwhile', async () => {
    await mkdir(join(folder, 'downloads'))
    await symlink('/dev/full', `${path}.part`)
    server.answer(fileOf(CONTENT))
    expect(await failure()).toMatch(
      /^Expected room on the disk of .*downloads, received: it is full \(ENOSPC\)\. Make room there/,
    )
  })

  it('leaves the file to the one who is at it, unless that one was killed', async () => {
    await mkdir(join(folder, 'downloads'))
    await writeFile(`${path}.lock`, String(process.ppid))
    await expect(load()).rejects.toThrow(
      `Expected to be alone with ${path}.lock, received process ${process.ppid}, which does the same.`,
    )
    await writeFile(`${path}.lock`, '999999999')
    server.answer(fileOf(CONTENT))
    await load()
    await expectWhole()
  })
})
