import { countBits, type PerceptualHash } from './fingerprint.ts'

/** Hashes up to this distance are found. With 64 bits in four bands, two such hashes differ in at most two bits of one band. */
export const RADIUS = 11

const BANDS = 4
const BAND_BITS = 16
/** Every way to change at most two bits of a band: 1 + 16 + 120. */
const CHANGES = changesOf(BAND_BITS)

/** Finds the hashes near to another one without comparing all of them. */
export interface HammingIndex {
  /** Owners of the hashes that differ from this one in at most `RADIUS` bits, each once, in no order. */
  find(hash: PerceptualHash): Set<number>
}

/**
 * Multi-index hashing: four tables of the hashes, each sorted by another 16 of their bits.
 *
 * Source: Norouzi, Punjani and Fleet, "Fast search in Hamming space with multi-index hashing", 2012.
 *
 * @param hashes of each owner; an owner is a place in the list
 */
export function openHammingIndex(hashes: readonly (readonly PerceptualHash[])[]): HammingIndex {
  const entries = hashes.flatMap((own, owner) => own.map((hash) => ({ hash, owner })))
  const low = Uint32Array.from(entries, ({ hash }) => hash[0])
  const high = Uint32Array.from(entries, ({ hash }) => hash[1])
  const owners = Uint32Array.from(entries, ({ owner }) => owner)
  const tables = Array.from({ length: BANDS }, (_, band) => tableOf(entries.map(({ hash }) => bandOf(hash, band))))
  return {
    find: (hash) => {
      const found = new Set<number>()
      for (const [band, { starts, places }] of tables.entries()) {
        const own = bandOf(hash, band)
        for (const change of CHANGES) {
          const end = starts[(own ^ change) + 1] as number
          for (let at = starts[own ^ change] as number; at < end; at++) {
            const place = places[at] as number
            const distance = countBits(hash[0] ^ (low[place] as number)) + countBits(hash[1] ^ (high[place] as number))
            if (distance <= RADIUS) found.add(owners[place] as number)
          }
        }
      }
      return found
    },
  }
}

/** Places of the values, sorted by value: those of value v from `starts[v]` to `starts[v + 1]`. */
function tableOf(values: readonly number[]): { starts: Uint32Array; places: Uint32Array } {
  const starts = new Uint32Array(2 ** BAND_BITS + 1)
  for (const value of values) starts[value + 1] = (starts[value + 1] as number) + 1
  for (let value = 0; value < 2 ** BAND_BITS; value++) {
    starts[value + 1] = (starts[value + 1] as number) + (starts[value] as number)
  }
  const next = starts.slice()
  const places = new Uint32Array(values.length)
  for (const [place, value] of values.entries()) {
    places[next[value] as number] = place
    next[value] = (next[value] as number) + 1
  }
  return { starts, places }
}

function bandOf(hash: PerceptualHash, band: number): number {
  return ((hash[band >> 1] as number) >>> (BAND_BITS * (band & 1))) & (2 ** BAND_BITS - 1)
}

function changesOf(bits: number): number[] {
  const single = Array.from({ length: bits }, (_, bit) => 1 << bit)
  const double = single.flatMap((first, place) => single.slice(place + 1).map((second) => first | second))
  return [0, ...single, ...double]
}
