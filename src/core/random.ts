import { createHash } from 'node:crypto'

/** A source of uniform numbers in [0, 1); the only randomness a pure function may use. */
export type Rng = () => number

/**
 * A generator for one purpose: the same seed and keys give the same numbers on every machine.
 *
 * Keys name the purpose (`'shuffle', epoch`), so that no two purposes share a sequence. The algorithm is sfc32, started
 * from 128 bits of SHA-256. Source: PractRand, https://pracrand.sourceforge.net (sfc32, by Chris Doty-Humphrey).
 */
export function seededRng(seed: number, ...keys: readonly (string | number)[]): Rng {
  const digest = createHash('sha256')
    .update([seed, ...keys].join('\u0000'))
    .digest()
  let a = digest.readInt32LE(0)
  let b = digest.readInt32LE(4)
  let c = digest.readInt32LE(8)
  let counter = digest.readInt32LE(12)
  return () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
}

/** An integer seed in [0, 2^31) for one purpose, for libraries that take a number. */
export function derivedSeed(seed: number, ...keys: readonly (string | number)[]): number {
  return Math.floor(seededRng(seed, ...keys)() * 2 ** 31)
}

/** A number in [low, high). */
export function uniform(rng: Rng, low: number, high: number): number {
  return low + (high - low) * rng()
}

/** An integer in [low, high], both ends included. */
export function integer(rng: Rng, low: number, high: number): number {
  return low + Math.floor(rng() * (high - low + 1))
}

/** A copy of the items in random order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(rng() * (last + 1))
    const kept = result[last] as T
    result[last] = result[other] as T
    result[other] = kept
  }
  return result
}
