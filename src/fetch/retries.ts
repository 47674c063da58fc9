import { setTimeout as sleep } from 'node:timers/promises'
import { DataError } from '../core/errors.ts'

/** How often and how long a server is tried. */
export interface RetryPolicy {
  /** Failures after which it is given up. */
  readonly attempts: number
  /** Wait before the second attempt; it doubles with each further one. */
  readonly firstWaitMs: number
  /** A server that asks to wait longer (Retry-After) is given up at once. */
  readonly longestWaitMs: number
  /** A connection on which nothing arrives for this long is broken. */
  readonly silenceMs: number
  /** A body whose size the server does not announce is abandoned after this many bytes: it may never end. */
  readonly longestBodyBytes: number
}

export const RETRY_POLICY: RetryPolicy = {
  attempts: 5,
  firstWaitMs: 1000,
  longestWaitMs: 120_000,
  silenceMs: 60_000,
  longestBodyBytes: 20e9,
}

/** A failure that the next attempt may not have. */
export class RetryableError extends Error {
  override name = 'RetryableError'
  /** How long the server asks to wait. */
  readonly waitMs: number | undefined

  constructor(message: string, options: ErrorOptions & { readonly waitMs?: number | undefined } = {}) {
    super(message, options)
    this.waitMs = options.waitMs
  }
}

/**
 * Repeats an attempt after each RetryableError, with growing waits and a line on stderr.
 *
 * @param task for messages: the command or stage (`use`), what it loads, and what to do when it is given up
 * @throws DataError when the policy's attempts are used up; any other error at once
 */
export async function withRetries<T>(
  { label, what, remedy }: { label: string; what: string; remedy: () => Promise<string> },
  { attempts, firstWaitMs, longestWaitMs }: RetryPolicy,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error
      const waitMs = error.waitMs ?? firstWaitMs * 2 ** (failures - 1)
      if (failures >= attempts || waitMs > longestWaitMs) {
        const reason = waitMs > longestWaitMs ? `, which asks to wait ${seconds(waitMs)}` : ` (try ${failures})`
        throw new DataError(`Expected ${what}, received: ${error.message}${reason}. ${await remedy()}`, {
          cause: error,
        })
      }
      console.error(`${label}: ${what}: ${error.message}; again in ${seconds(waitMs)}`)
      await sleep(waitMs)
    }
  }
}

/** The wait that a Retry-After header asks for, in milliseconds from `nowMs`: seconds or a date. Undefined for anything else. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header.trim())) return 1000 * Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}

function seconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 1000)} s`
}
