import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { fileURLToPath } from 'node:url'
import { DataError, messageOf } from '../core/errors.ts'
import { openProgress } from '../core/progress.ts'

const MEGABYTE = 1e6

/** A file by its address (`http:`, `https:` or `file:`) and the SHA-256 that it must have. */
export interface RemoteFile {
  readonly url: string
  readonly sha256: string
}

/**
 * Copies a file to `path`, which must not be there yet; what is wrong is removed again.
 *
 * @throws DataError when it cannot be had whole, or is another file.
 */
export async function loadFile({ url, sha256 }: RemoteFile, path: string): Promise<void> {
  const shown = withoutSecrets(url)
  try {
    const { content, sizeBytes } = await openUrl(url, shown)
    const received = await writeWithDigest(content, sizeBytes, path)
    if (received !== sha256) {
      throw new DataError(
        `Expected the SHA-256 ${sha256} from ${shown}, received ${received}. Correct fetch.sha256 in params.yaml, if the file is the right one.`,
      )
    }
  } catch (error) {
    await rm(path, { force: true })
    if (error instanceof DataError) throw error
    throw new DataError(
      `Expected a whole file from ${shown}, received: ${causeOf(error)}. Run it again, or correct fetch.url.`,
      {
        cause: error,
      },
    )
  }
}

interface Content {
  readonly content: Readable
  /** As announced; 0 where nothing was. */
  readonly sizeBytes: number
}

async function openUrl(url: string, shown: string): Promise<Content> {
  const { protocol } = new URL(url)
  if (protocol === 'file:') return openLocalFile(fileURLToPath(url))
  if (protocol === 'http:' || protocol === 'https:') return openResponse(url, shown)
  throw new DataError(
    `Expected an address with http, https or file, received ${shown}. Correct fetch.url in params.yaml.`,
  )
}

async function openLocalFile(path: string): Promise<Content> {
  const { size } = await stat(path)
  return { content: createReadStream(path), sizeBytes: size }
}

async function openResponse(url: string, shown: string): Promise<Content> {
  const response = await fetch(url)
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    throw new DataError(
      `Expected a file at ${shown}, received HTTP ${response.status} ${response.statusText}. Correct fetch.url in params.yaml.`,
    )
  }
  return {
    content: Readable.fromWeb(response.body as ReadableStream<Uint8Array>),
    sizeBytes: Number(response.headers.get('content-length') ?? 0),
  }
}

async function writeWithDigest(content: Readable, sizeBytes: number, path: string): Promise<string> {
  const hash = createHash('sha256')
  const progress = openProgress('fetch: MB downloaded', Math.ceil(sizeBytes / MEGABYTE))
  let doneBytes = 0
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      doneBytes += chunk.length
      progress.update(Math.floor(doneBytes / MEGABYTE))
      done(null, chunk)
    },
  })
  try {
    await pipeline(content, watch, createWriteStream(path, { flags: 'wx' }))
  } finally {
    progress.stop()
  }
  return hash.digest('hex')
}

/** An address as messages show it: no password, no token. */
function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

/** What fetch says is "fetch failed"; the reason is its cause. */
function causeOf(error: unknown): string {
  const reason = error instanceof Error && error.cause !== undefined ? error.cause : error
  return messageOf(reason) || String(reason)
}
