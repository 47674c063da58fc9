import { countBits, type Fingerprint, hashOf, type PerceptualHash, WINDOWS } from './fingerprint.ts'

/** Hashes up to this distance are found. With 64 bits in four bands, two such hashes differ in at most two bits of one band. */
export const RADIUS = 11

const BANDS = 4
const BAND_BITS = 16
/** Every way to change at most two bits of a band: 1 + 16 + 120. */
const CHANGES = changesOf(BAND_BITS)
/** Of more hashes with the same bits in a band, only those of the nearest owners are compared: look-alikes would take quadratic time. */
const MOST_ALIKE = 128

/** A window near to a hash. */
export interface Near {
  /** A place in the list of fingerprints. */
  readonly owner: number
  /** The nearest of its windows. */
  readonly window: number
  readonly distance: number
}

/** Finds the hashes near to another one without comparing all of them. */
export interface HammingIndex {
  /**
   * The owners with a window that differs from this hash in at most `RADIUS` bits, each once, the nearest first; of very many
   * look-alikes those whose place is near to `place`.
   */
  find(hash: PerceptualHash, place: number): Near[]
  /** How many hashes were compared so far. */
  compared(): number
}

/**
 * Multi-index hashing: four tables of the hashes, each sorted by another 16 of their bits.
 *
 * Source: Norouzi, Punjani and Fleet, "Fast search in Hamming space with multi-index hashing", 2012.
 */
export function openHammingIndex(fingerprints: readonly Fingerprint[]): HammingIndex {
  const tables = Array.from({ length: BANDS }, (_, band) => tableOf(fingerprints, band))
  let compared = 0
  return {
    compared: () => compared,
    find: (hash, place) => {
      const found = new Map<number, Near>()
      for (const [band, { starts, low, high, entries }] of tables.entries()) {
        const own = bandOf(hash, band)
        for (const change of CHANGES) {
          const [from, to] = [starts[own ^ change] as number, starts[(own ^ change) + 1] as number]
          const [start, end] = to - from <= MOST_ALIKE ? [from, to] : around(entries, place * WINDOWS.length, from, to)
          compared += end - start
          for (let at = start; at < end; at++) {
            const distance = countBits(hash[0] ^ (low[at] as number)) + countBits(hash[1] ^ (high[at] as number))
            if (distance > RADIUS) continue
            const entry = entries[at] as number
            const owner = Math.floor(entry / WINDOWS.length)
            const known = found.get(owner)
            if (!known || distance < known.distance)
              found.set(owner, { owner, window: entry % WINDOWS.length, distance })
          }
        }
      }
      return [...found.values()].sort((a, b) => a.distance - b.distance || a.owner - b.owner)
    },
  }
}

/** The hashes sorted by a band of their bits: those of value v from `starts[v]` to `starts[v + 1]`, in order of their entries. */
interface Table {
  readonly starts: Uint32Array
  readonly low: Uint32Array
  readonly high: Uint32Array
  /** owner * windows + window */
  readonly entries: Uint32Array
}

function tableOf(fingerprints: readonly Fingerprint[], band: number): Table {
  const starts = new Uint32Array(2 ** BAND_BITS + 1)
  for (const fingerprint of fingerprints) {
    for (let window = 0; window < WINDOWS.length; window++) {
      const value = bandOf(hashOf(fingerprint, window), band)
      starts[value + 1] = (starts[value + 1] as number) + 1
    }
  }
  for (let value = 0; value < 2 ** BAND_BITS; value++) {
    starts[value + 1] = (starts[value + 1] as number) + (starts[value] as number)
  }
  const next = starts.slice()
  const [low, high, entries] = [0, 1, 2].map(() => new Uint32Array(fingerprints.length * WINDOWS.length)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  for (const [owner, fingerprint] of fingerprints.entries()) {
    for (let window = 0; window < WINDOWS.length; window++) {
      const hash = hashOf(fingerprint, window)
      const value = bandOf(hash, band)
      const at = next[value] as number
      next[value] = at + 1
      low[at] = hash[0]
      high[at] = hash[1]
      entries[at] = owner * WINDOWS.length + window
    }
  }
  return { starts, low, high, entries }
}

/** Of sorted entries from `from` to `to`, the `MOST_ALIKE` around a value. */
function around(entries: Uint32Array, value: number, from: number, to: number): [number, number] {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle] as number) < value) low = middle + 1
    else high = middle
  }
  const start = Math.min(Math.max(low - MOST_ALIKE / 2, from), to - MOST_ALIKE)
  return [start, start + MOST_ALIKE]
}

function bandOf(hash: PerceptualHash, band: number): number {
  return ((hash[band >> 1] as number) >>> (BAND_BITS * (band & 1))) & (2 ** BAND_BITS - 1)
}

function changesOf(bits: number): number[] {
  const single = Array.from({ length: bits }, (_, bit) => 1 << bit)
  const double = single.flatMap((first, place) => single.slice(place + 1).map((second) => first | second))
  return [0, ...single, ...double]
}
