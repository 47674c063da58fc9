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
      const [low, high] = hash
      const found = new Map<number, Near>()
      for (let band = 0; band < BANDS; band++) {
        const { starts, words, entries } = tables[band] as Table
        const own = bandOf(hash, band)
        for (let change = 0; change < CHANGES.length; change++) {
          const bucket = own ^ (CHANGES[change] as number)
          let start = starts[bucket] as number
          let end = starts[bucket + 1] as number
          if (end - start > MOST_ALIKE) {
            start = startAround(entries, place * WINDOWS.length, start, end)
            end = start + MOST_ALIKE
          }
          compared += end - start
          for (let at = start; at < end; at++) {
            const distance = countBits(low ^ (words[2 * at] as number), high ^ (words[2 * at + 1] as number))
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
  /** Two of each hash. */
  readonly words: Uint32Array
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
  const entries = new Uint32Array(fingerprints.length * WINDOWS.length)
  const words = new Uint32Array(2 * entries.length)
  for (const [owner, fingerprint] of fingerprints.entries()) {
    for (let window = 0; window < WINDOWS.length; window++) {
      const hash = hashOf(fingerprint, window)
      const value = bandOf(hash, band)
      const at = next[value] as number
      next[value] = at + 1
      words[2 * at] = hash[0]
      words[2 * at + 1] = hash[1]
      entries[at] = owner * WINDOWS.length + window
    }
  }
  return { starts, words, entries }
}

/** Of sorted entries from `from` to `to`, the first of the `MOST_ALIKE` around a value. */
function startAround(entries: Uint32Array, value: number, from: number, to: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return Math.min(Math.max(low - MOST_ALIKE / 2, from), to - MOST_ALIKE)
}

function bandOf(hash: PerceptualHash, band: number): number {
  return ((hash[band >> 1] as number) >>> (BAND_BITS * (band & 1))) & (2 ** BAND_BITS - 1)
}

function changesOf(bits: number): number[] {
  const single = Array.from({ length: bits }, (_, bit) => 1 << bit)
  const double = single.flatMap((first, place) => single.slice(place + 1).map((second) => first | second))
  return [0, ...single, ...double]
}
