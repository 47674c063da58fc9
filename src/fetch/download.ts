import { mkdir } from 'node:fs/promises'
import { STATUS_CODES } from 'node:http'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Agent, type Dispatcher, errors, interceptors, request } from 'undici'
import { DataError, messageOf } from '../core/errors.ts'
import { withFileLock } from '../core/file-lock.ts'
import { exists, expectFreeSpace, fullDiskError, megabytes, readSha256 } from '../core/files.ts'
import { openProgress } from '../core/progress.ts'
import {
  finishPart,
  headerOf,
  openPart,
  type Part,
  partPath,
  rangeHeaders,
  readPart,
  removePart,
  versionIn,
} from './part-file.ts'
import { RETRY_POLICY, RetryableError, type RetryPolicy, retryAfterMs, withRetries } from './retries.ts'

/** A file on a server, and where to save it. */
export interface Download {
  /** `http:` or `https:` */
  readonly url: string
  readonly path: string
  /** The command or stage that asks for it: `use`. */
  readonly label: string
  /** For messages: `the archive of owner/name from Kaggle`. */
  readonly what: string
  /** `authorization` is not sent on to another host that the server redirects to. */
  readonly headers?: Readonly<Record<string, string>>
  /** Of the whole file, 64 hexadecimal digits. */
  readonly sha256?: string
  /** What to do about a status (400 to 499), or about a file that is not the expected one. */
  readonly remedyFor: (problem: number | 'other content') => string
}

const RETRYABLE_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504])
const RANGE_NOT_SATISFIABLE = 416

const client = new Agent().compose(interceptors.redirect({ maxRedirections: 5 }))

/**
 * Downloads a file, unless `path` exists already. The file is there whole or not at all; after a failure its beginning stays in
 * `<path>.part`, and the next call, in this process or another, continues from there. The file is never held in memory.
 *
 * Starts over when the file on the server has changed or has no version, or when the server does not support ranges.
 *
 * @throws DataError when the server refuses, retries are used up, the disk is full, or the content is not the expected one
 */
export async function download(file: Download, policy: RetryPolicy = RETRY_POLICY): Promise<void> {
  if (await isDownloaded(file)) return
  await mkdir(dirname(file.path), { recursive: true })
  await withFileLock(`${file.path}.lock`, async () => {
    await withRetries({ ...file, remedy: () => describeLater(file.path) }, policy, () => downloadRest(file, policy))
    await checkContent(file)
    await finishPart(file.path)
  })
}

async function isDownloaded({ path, sha256 }: Download): Promise<boolean> {
  return (await exists(path)) && (sha256 === undefined || (await readSha256(path)) === sha256)
}

async function describeLater(path: string): Promise<string> {
  const part = await readPart(path)
  return part
    ? `Run it again later; it continues from the ${megabytes(part.doneBytes)} that are kept.`
    : 'Run it again later.'
}

async function checkContent({ path, what, sha256, remedyFor }: Download): Promise<void> {
  if (sha256 === undefined) return
  const received = await readSha256(partPath(path))
  if (received === sha256) return
  await removePart(path)
  throw new DataError(`Expected the SHA-256 ${sha256} of ${what}, received ${received}. ${remedyFor('other content')}`)
}

async function downloadRest(file: Download, policy: RetryPolicy): Promise<void> {
  const part = await readPart(file.path)
  if (part && part.doneBytes === part.version.sizeBytes) return
  const response = await get(file, rangeHeaders(part), policy)
  try {
    const doneBytes = await findStart(file, part, response)
    const version = versionIn(response.statusCode, response.headers)
    const mostBytes = version.sizeBytes ?? policy.longestBodyBytes
    await writeBody(file, chunksOf(response.body, policy), { doneBytes, version, mostBytes })
  } finally {
    response.body.on('error', () => {}).destroy()
  }
}

/** The response to one request. @throws RetryableError, or DataError for a status that the next attempt would get too */
async function get(
  { url, headers, what, remedyFor }: Download,
  ranges: Record<string, string>,
  policy: RetryPolicy,
): Promise<Dispatcher.ResponseData> {
  const response = await request(url, {
    dispatcher: client,
    headers: { 'accept-encoding': 'identity', ...headers, ...ranges },
    headersTimeout: policy.silenceMs,
    bodyTimeout: policy.silenceMs,
  }).catch((error: unknown) => {
    throw retryable(error, policy)
  })
  const { statusCode } = response
  if (statusCode === 200 || statusCode === 206 || statusCode === RANGE_NOT_SATISFIABLE) return response
  await response.body.dump().catch(() => {})
  const status = `HTTP ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trim()
  // The address that a redirect led to may have expired (a signed one answers 403); the first address gives a new one.
  if (RETRYABLE_STATUSES.has(statusCode) || isRedirected(response)) {
    throw new RetryableError(status, { waitMs: retryAfterMs(headerOf(response.headers, 'retry-after'), Date.now()) })
  }
  throw new DataError(`Expected ${what}, received ${status}. ${remedyFor(statusCode)}`)
}

function isRedirected({ context }: Dispatcher.ResponseData): boolean {
  return 'history' in context && Array.isArray(context.history) && context.history.length > 1 // the first address is in it
}

/** The byte of the file at which the body starts. @throws RetryableError, with the part removed, when it does not continue it */
async function findStart(
  { label, what, path }: Download,
  part: Part | undefined,
  { statusCode, headers }: Dispatcher.ResponseData,
): Promise<number> {
  const isSame = part !== undefined && isDeepStrictEqual(part.version, versionIn(statusCode, headers))
  if (statusCode === 200) {
    const reason = isSame ? 'the server does not support ranges' : 'it has changed'
    if (part) console.error(`${label}: ${what}: ${reason}; starting over`)
    return 0
  }
  const start = headerOf(headers, 'content-range')?.match(/^bytes (\d+)-/)?.[1]
  if (statusCode === 206 && isSame && Number(start) === part.doneBytes) return part.doneBytes
  await removePart(path)
  throw new RetryableError('it has changed since the download began, which starts over')
}

/** The part file that a body continues, and the size beyond which the download is abandoned. */
interface Continued extends Part {
  readonly mostBytes: number
}

async function writeBody(
  { label, what, path }: Download,
  chunks: AsyncIterable<Buffer>,
  part: Continued,
): Promise<void> {
  const folder = dirname(path)
  const remedy = 'Make room there, or name another folder in PADDOCK_CACHE, and run it again; what is there is kept.'
  const sizeBytes = part.version.sizeBytes ?? Number.NaN
  if (!Number.isNaN(sizeBytes)) await expectFreeSpace(folder, sizeBytes - part.doneBytes, remedy)
  await using target = await openPart(path, part)
  using progress = openProgress(`${label}: MB downloaded`, Math.ceil(sizeBytes / 1e6))
  const start = performance.now()
  let { doneBytes } = part
  try {
    for await (const chunk of chunks) {
      doneBytes += chunk.length
      if (doneBytes > part.mostBytes) throw await tooLong(path, what, part)
      await target.writeFile(chunk)
      const rate = (doneBytes - part.doneBytes) / 1000 / (performance.now() - start)
      progress.update(Math.floor(doneBytes / 1e6), `${rate.toFixed(1)} MB/s`)
    }
  } catch (error) {
    throw fullDiskError(error, folder, remedy) ?? error
  }
  if (doneBytes < sizeBytes) throw new RetryableError(`its end after ${doneBytes} of ${sizeBytes} bytes`)
}

async function tooLong(path: string, what: string, { version, mostBytes }: Continued): Promise<DataError> {
  await removePart(path)
  const expected =
    version.sizeBytes === null
      ? `${megabytes(mostBytes)} at most, since the server announces no size`
      : `${version.sizeBytes} bytes`
  return new DataError(
    `Expected ${what} to have ${expected}, received more. Check what the address serves, or download the file in another way.`,
  )
}

async function* chunksOf(body: Dispatcher.ResponseData['body'], policy: RetryPolicy): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch (error) {
    throw retryable(error, policy)
  }
}

/** A failed connection, with the reason in a few words. */
function retryable(error: unknown, { silenceMs }: RetryPolicy): RetryableError {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return new RetryableError(`nothing for ${silenceMs / 1000} s`, { cause: error })
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return new RetryableError(messageOf(error) || code, { cause: error })
}
