import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { sha256 } from '../../src/core/files.ts'
import { type Download, download } from '../../src/fetch/download.ts'
import type { RetryPolicy } from '../../src/fetch/retries.ts'
import { fileOf, type LocalServer, type Served, serve } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const POLICY: RetryPolicy = { attempts: 3, firstWaitMs: 1, longestWaitMs: 2000, silenceMs: 500, longestBodyBytes: 1e6 }
const CONTENT = randomBytes(300_000)
const OTHER = randomBytes(300_000)

const folder = temporaryFolder()
let path: string
let server: LocalServer
let lines: string[]

beforeEach(async () => {
  path = join(folder.path, 'downloads/archive.zip')
  server = await serve((_request, response) => response.writeHead(500).end())
  lines = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await server.close()
})

function load(changes: Partial<Download> = {}): Promise<void> {
  return download(
    {
      label: 'use',
      what: 'the archive',
      url: `${server.url}/a`,
      headers: { authorization: 'Basic secret' },
      path,
      remedyFor: (problem) => `Remedy for ${problem}.`,
      ...changes,
    },
    POLICY,
  )
}

/** One attempt, which the server breaks off after so many bytes. */
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
  expect(await readdir(join(folder.path, 'downloads'))).not.toContain('archive.zip')
  expect(await readdir(join(folder.path, 'downloads'))).not.toContain('archive.zip.lock')
  return message
}

async function expectWhole(content: Buffer = CONTENT): Promise<void> {
  expect(await readdir(join(folder.path, 'downloads'))).toEqual(['archive.zip'])
  expect((await readFile(path)).equals(content)).toBe(true)
}

const ranges = () => server.requests.map(({ headers }) => headers.range)

describe('download', () => {
  it('downloads a file whole, and sends no request when it is there', async () => {
    server.answer(fileOf(CONTENT))
    await load()
    await load()
    await expectWhole()
    expect(ranges()).toEqual([undefined])
  })

  it('continues where the server broke off, on the condition that the file is the same', async () => {
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

  it('continues in the next run, after the retries of this one were used up', async () => {
    server.answer(fileOf(CONTENT, { breakAfter: 60_000 }))
    expect(await failure()).toBe(
      'Expected the archive, received: other side closed (try 3). Run it again later; it continues from the 0.2 MB that are kept.',
    )
    server.answer(fileOf(CONTENT))
    await load()
    await expectWhole()
    expect(ranges().at(-1)).toBe('bytes=180000-')
  })

  it('continues without a condition where the server gives a weak tag and no date', async () => {
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
    expect(lines).toEqual(['use: the archive: it has changed; starting over'])
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
      'use: the archive: it has changed since the download began, which starts over; again in 1 s',
    ])
  })

  it('starts over where the server gives neither a tag nor a date: a size identifies nothing', async () => {
    await begin(100_000, { etag: null })
    server.answer(fileOf(OTHER, { etag: null }))
    await load()
    await expectWhole(OTHER)
    expect(ranges().at(-1)).toBeUndefined()
  })

  it('gives up a file that has more bytes than announced, and keeps nothing of it', async () => {
    await begin(100_000)
    server.answer((_request, response) => {
      response.writeHead(206, { etag: '"1"', 'content-range': `bytes 100000-299999/${CONTENT.length}` }).end(OTHER)
    })
    expect(await failure()).toBe(
      'Expected the archive to have 300000 bytes, received more. Check what the address serves, or download the file in another way.',
    )
    expect(await readdir(join(folder.path, 'downloads'))).toEqual([])
  })

  it('gives up a body without an end and without a size', async () => {
    server.answer((_request, response) => {
      const send = () => response.write(CONTENT, () => setImmediate(send))
      send()
    })
    expect(await failure()).toMatch(
      /^Expected the archive to have 1\.0 MB at most, since the server announces no size, received more\./,
    )
    expect(await readdir(join(folder.path, 'downloads'))).toEqual([])
  })

  it('starts over when the server does not support ranges', async () => {
    await begin(100_000)
    server.answer(fileOf(CONTENT, { whole: true }))
    await load()
    await expectWhole()
    expect(lines).toEqual(['use: the archive: the server does not support ranges; starting over'])
  })

  it('starts over when the version of the part is not known', async () => {
    await begin(100_000)
    await writeFile(`${path}.part.json`, '{"etag": 1')
    server.answer(fileOf(CONTENT))
    await load()
    await expectWhole()
    expect(ranges().at(-1)).toBeUndefined()
  })

  it('renames a part that is whole, left by a process that was killed before it could', async () => {
    await begin(100_000)
    await writeFile(`${path}.part`, CONTENT)
    await load()
    await expectWhole()
  })

  it.each([429, 500, 503])('retries after %i, and gives up after three attempts', async (status) => {
    server.answer((_request, response) => response.writeHead(status).end())
    expect(await failure()).toMatch(
      new RegExp(`^Expected the archive, received: HTTP ${status} .* \\(try 3\\)\\. Run it again later\\.$`),
    )
    expect(server.requests).toHaveLength(3)
    expect(lines).toHaveLength(2)
  })

  it('waits as long as the server asks, but not for hours', async () => {
    server.answer((_request, response) => response.writeHead(429, { 'retry-after': '1' }).end())
    const start = performance.now()
    await failure()
    expect(performance.now() - start).toBeGreaterThan(2000)
    server.answer((_request, response) => response.writeHead(429, { 'retry-after': '3600' }).end())
    expect(await failure()).toBe(
      'Expected the archive, received: HTTP 429 Too Many Requests, which asks to wait 3600 s. Run it again later.',
    )
  })

  it.each([401, 403, 404])('does not retry after %i', async (status) => {
    server.answer((_request, response) => response.writeHead(status).end())
    expect(await failure()).toMatch(
      new RegExp(`^Expected the archive, received HTTP ${status} .*\\. Remedy for ${status}\\.$`),
    )
    expect(server.requests).toHaveLength(1)
  })

  it('sends the key to no other host, and retries at the first address when that of a redirect has expired', async () => {
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

  it('treats silence as a broken connection', async () => {
    server.answer((_request, response) => response.writeHead(200, { 'content-length': 10, etag: '"1"' }).write('1234'))
    expect(await failure()).toBe(
      'Expected the archive, received: nothing for 0.5 s (try 3). Run it again later; it continues from the 0.0 MB that are kept.',
    )
  })

  it('reports that nothing listens at the address', async () => {
    await server.close()
    expect(await failure()).toMatch(
      /^Expected the archive, received: connect ECONNREFUSED .* \(try 3\)\. Run it again later\.$/,
    )
    server = await serve(() => {})
  })

  it('reports before it begins that the disk has no room', async () => {
    server.answer((_request, response) => response.writeHead(200, { 'content-length': 1e18 }).write('1234'))
    expect(await failure()).toMatch(
      /^Expected 1000000000000\.0 MB free on the disk of .*downloads, received \d+\.\d MB\. Make room there, or name another folder in PADDOCK_CACHE, and run it again; what is there is kept\.$/,
    )
  })

  it('reports a disk that runs full meanwhile', async () => {
    await mkdir(join(folder.path, 'downloads'))
    await symlink('/dev/full', `${path}.part`)
    server.answer(fileOf(CONTENT))
    expect(await failure()).toMatch(
      /^Expected free space on the disk of .*downloads, but it is full \(ENOSPC\)\. Make room there/,
    )
  })

  it('leaves the file to the process that is downloading it, unless that one was killed', async () => {
    await mkdir(join(folder.path, 'downloads'))
    const other = execa('flock', [`${path}.lock`, 'sh', '-c', `printf 42 > ${path}.lock; echo held; exec cat`])
    await other[Symbol.asyncIterator]().next()
    await expect(load()).rejects.toThrow(`Expected ${path}.lock to be free, received the lock of process 42.`)
    other.kill('SIGKILL')
    await other.catch(() => {})
    server.answer(fileOf(CONTENT))
    await load()
    await expectWhole()
  })

  it('refuses another file than the one with the expected checksum, and keeps nothing of it', async () => {
    server.answer(fileOf(OTHER))
    await expect(load({ sha256: sha256(CONTENT) })).rejects.toThrow(
      `Expected the SHA-256 ${sha256(CONTENT)} of the archive, received ${sha256(OTHER)}. Remedy for other content.`,
    )
    server.answer(fileOf(CONTENT))
    await load({ sha256: sha256(CONTENT) })
    await expectWhole()
  })
})
