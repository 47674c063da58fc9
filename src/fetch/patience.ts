import { setTimeout as sleep } from 'node:timers/promises'
import { DataError } from '../core/errors.ts'

/** How long somebody waits for a server, and how often. */
export interface Patience {
  /** Tries in a row that bring nothing. */
  readonly attempts: number
  /** Before the second try; doubled before each other one. */
  readonly firstWaitMs: number
  /** A server that asks for more than this is not waited for. */
  readonly longestWaitMs: number
  /** A server that sends nothing for so long has broken off. */
  readonly silenceMs: number
}

export const PATIENCE: Patience = { attempts: 5, firstWaitMs: 1000, longestWaitMs: 120_000, silenceMs: 60_000 }

/** A failure that may be gone at the next try. */
export class Setback extends Error {
  override name = 'Setback'
  /** How long the server asks to wait. */
  readonly waitMs: number | undefined

  constructor(message: string, options: ErrorOptions & { readonly waitMs?: number | undefined } = {}) {
    super(message, options)
    this.waitMs = options.waitMs
  }
}

/** What is tried, for messages. */
export interface Goal {
  /** The command or stage: `use`. */
  readonly label: string
  /** `the archive of owner/name from Kaggle` */
  readonly what: string
  /** What to do when it is given up. */
  readonly remedy: () => Promise<string>
}

/**
 * Tries again after each setback, later and later, with a line on stderr; `onAdvance` says that a try brought something on.
 *
 * @throws DataError when patience is over; anything that is no setback at once
 */
export async function patiently<T>(
  { label, what, remedy }: Goal,
  { attempts, firstWaitMs, longestWaitMs }: Patience,
  attempt: (onAdvance: () => void) => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt(() => {
        failures = 1
      })
    } catch (error) {
      if (!(error instanceof Setback)) throw error
      const waitMs = error.waitMs ?? firstWaitMs * 2 ** (failures - 1)
      if (failures >= attempts || waitMs > longestWaitMs) {
        const asked = waitMs > longestWaitMs ? `, which asks to wait ${seconds(waitMs)}` : ` (try ${failures})`
        throw new DataError(`Expected ${what}, received: ${error.message}${asked}. ${await remedy()}`, { cause: error })
      }
      console.error(`${label}: ${what}: ${error.message}; again in ${seconds(waitMs)}`)
      await sleep(waitMs)
    }
  }
}

/** What a header Retry-After asks for, in milliseconds from now: it holds seconds or a date; nothing when it is neither. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header.trim())) return 1000 * Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}

function seconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 1000)} s`
}
