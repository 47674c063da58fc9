import { hammingDistance, type PerceptualHash } from './fingerprint.ts'

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
 * Multi-index hashing: four tables of the hashes, each by another 16 of their bits.
 *
 * Source: Norouzi, Punjani and Fleet, "Fast search in Hamming space with multi-index hashing", 2012.
 *
 * @param hashes of each owner; an owner is a place in the list
 */
export function openHammingIndex(hashes: readonly (readonly PerceptualHash[])[]): HammingIndex {
  const entries = hashes.flatMap((own, owner) => own.map((hash) => ({ hash, owner })))
  const tables = Array.from({ length: BANDS }, (_, band) => Map.groupBy(entries, ({ hash }) => bandOf(hash, band)))
  return {
    find: (wanted) => {
      const found = new Set<number>()
      for (const [band, table] of tables.entries()) {
        const own = bandOf(wanted, band)
        for (const change of CHANGES) {
          for (const { hash, owner } of table.get(own ^ change) ?? []) {
            if (hammingDistance(hash, wanted) <= RADIUS) found.add(owner)
          }
        }
      }
      return found
    },
  }
}

function bandOf(hash: PerceptualHash, band: number): number {
  return ((hash[band >> 1] as number) >>> (BAND_BITS * (band & 1))) & (2 ** BAND_BITS - 1)
}

function changesOf(bits: number): number[] {
  const single = Array.from({ length: bits }, (_, bit) => 1 << bit)
  const double = single.flatMap((first, place) => single.slice(place + 1).map((second) => first | second))
  return [0, ...single, ...double]
}
