import type { ReadableStream } from 'node:stream/web'
import { DataError, messageOf } from '../core/errors.ts'
import { type Patience, retryAfterMs, Setback } from './patience.ts'

/** What is asked for. */
export interface Request {
  /** `http:` or `https:` */
  readonly url: string
  /** Sent to this address alone, not to where it redirects: fetch takes `authorization` off for another host. */
  readonly headers: Readonly<Record<string, string>>
  /** For messages: `the archive of owner/name from Kaggle`. */
  readonly what: string
  /** Statuses that the caller deals with, beside 2xx. */
  readonly accepts?: readonly number[]
  /** What to do about an answer that will be the same next time. */
  readonly remedyFor: (status: number) => string
}

/** The head of an answer, and its body by chunks. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** @throws Setback when the server breaks off */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Lets go of the connection, however much was read. */
  close(): Promise<void>
}

const WORTH_ANOTHER_TRY = new Set([408, 425, 429, 500, 502, 503, 504])

/**
 * Asks once. Bytes come as they lie on the server, never unpacked on the way.
 *
 * @throws Setback when asking again may help: no connection, silence, a server that is busy or broken
 * @throws DataError for any other answer that is no success
 */
export async function ask(
  { url, headers, what, accepts = [], remedyFor }: Request,
  patience: Patience,
): Promise<Answer> {
  const silence = watchSilence(patience.silenceMs)
  try {
    const response = await fetch(url, {
      headers: { 'accept-encoding': 'identity', ...headers },
      signal: silence.signal,
    }).catch((error: unknown) => {
      throw setbackOf(error)
    })
    const { status, statusText, redirected, ok } = response
    if (ok || accepts.includes(status)) {
      const { headers, body } = response
      return { status, headers, chunks: readChunks(body, silence), close: () => close(body, silence) }
    }
    await response.body?.cancel()
    const received = `HTTP ${status} ${statusText}`.trim()
    // An address that a redirect gave may have run out (a signed one does so with 403); the first address gives a new one.
    if (WORTH_ANOTHER_TRY.has(status) || redirected) {
      throw new Setback(received, { waitMs: retryAfterMs(response.headers.get('retry-after'), Date.now()) })
    }
    throw new DataError(`Expected ${what}, received ${received}. ${remedyFor(status)}`)
  } catch (error) {
    silence.stop()
    throw error
  }
}

/** What fetch says is "fetch failed" or "terminated"; the reason is its cause. */
export function causeOf(error: unknown): string {
  const reason = error instanceof Error && error.cause !== undefined ? error.cause : error
  return messageOf(reason) || (reason instanceof Error && 'code' in reason ? String(reason.code) : String(reason))
}

type SilenceWatch = ReturnType<typeof watchSilence>

/** Aborts when nothing has been heard for a while. */
function watchSilence(silenceMs: number) {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new Setback(`nothing for ${silenceMs / 1000} s`)), silenceMs)
  return { signal: controller.signal, heard: () => timer.refresh(), stop: () => clearTimeout(timer) }
}

async function* readChunks(body: Response['body'], silence: SilenceWatch): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of (body as ReadableStream<Uint8Array> | null) ?? []) {
      silence.heard()
      yield chunk
      silence.heard() // what the reader took for it is no silence of the server
    }
  } catch (error) {
    throw setbackOf(error)
  }
}

async function close(body: Response['body'], silence: SilenceWatch): Promise<void> {
  silence.stop()
  if (body && !body.locked) await body.cancel().catch(() => {}) // a stream that broke off cannot be cancelled
}

function setbackOf(error: unknown): Setback {
  return error instanceof Setback ? error : new Setback(causeOf(error), { cause: error })
}
