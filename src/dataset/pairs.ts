import { readCsv, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { openUnion } from '../core/union.ts'
import { distanceOf, mirrorOf, NEAR } from '../fetch/alike.ts'
import type { Fingerprint } from '../fetch/fingerprint.ts'
import { openHammingIndex } from '../fetch/hamming-index.ts'
import type { ManifestRow } from './manifest.ts'

/** `exact`: the same bytes; `near`: the same photograph, changed; `mirrored`: its mirror image, changed or not. */
const KINDS = ['exact', 'near', 'mirrored'] as const
export type PairKind = (typeof KINDS)[number]

/** Two accepted images that are one. */
export interface Pair {
  /** The one whose id comes first. */
  readonly id: string
  readonly other: string
  readonly kind: PairKind
  /** 0 for the same bytes, else what `distanceOf` measured. */
  readonly distance: number
}

type Image = Pick<ManifestRow, 'id' | 'sha256'>

/**
 * All pairs of images that are one, sorted by id. Of images with the same bytes each is paired with the first, and the
 * first alone is looked at further.
 *
 * Images are candidates when their perceptual hashes are near, and pairs when their pixels are too. Not quadratic: an image
 * meets those that share a band of bits with it.
 *
 * @param fingerprints by SHA-256
 */
export function findPairs(images: readonly Image[], fingerprints: ReadonlyMap<string, Fingerprint>): Pair[] {
  const firsts = new Map<string, Image>()
  const exact: Pair[] = []
  for (const image of images) {
    const first = firsts.get(image.sha256)
    if (first) exact.push(pairOf(first.id, image.id, 'exact', 0))
    else firsts.set(image.sha256, image)
  }
  const known = [...firsts.values()].map(({ id, sha256 }) => ({ id, fingerprint: fingerprints.get(sha256) }))
  const looked = known.filter((each): each is Looked => each.fingerprint !== undefined)
  return [...exact, ...findNear(looked)].sort((a, b) => compare(a.id, b.id) || compare(a.other, b.other))
}

interface Looked {
  readonly id: string
  readonly fingerprint: Fingerprint
}

/**
 * A group that is larger is not looked at pair by pair: the frames of a film, say. Its members are all in it by one pair or
 * more each.
 */
const LARGEST_LOOKED = 32

function findNear(images: readonly Looked[]): Pair[] {
  const index = openHammingIndex(images.map(({ fingerprint }) => fingerprint.windows))
  const union = openUnion(images.length)
  const pairs = new Map<string, Pair>()
  for (const [place, { fingerprint }] of images.entries()) {
    for (const [kind, hash] of [
      ['near', fingerprint.hash],
      ['mirrored', fingerprint.mirrored],
    ] as const) {
      for (const found of index.find(hash)) {
        const key = `${Math.min(place, found)} ${Math.max(place, found)}`
        const isKnown = union.groupOf(place) === union.groupOf(found) && union.sizeOf(place) > LARGEST_LOOKED
        if (found === place || pairs.has(key) || isKnown) continue
        const pair = confirm(images[Math.min(place, found)], images[Math.max(place, found)], kind)
        if (!pair) continue
        pairs.set(key, pair)
        union.join(place, found)
      }
    }
  }
  return [...pairs.values()]
}

function confirm(first: Looked | undefined, second: Looked | undefined, kind: PairKind): Pair | undefined {
  if (!first || !second) return undefined
  const [a, b] = [first.fingerprint.grey, second.fingerprint.grey]
  const distance = distanceOf(a, kind === 'mirrored' ? mirrorOf(b) : b)
  return distance <= NEAR ? pairOf(first.id, second.id, kind, distance) : undefined
}

function pairOf(a: string, b: string, kind: PairKind, distance: number): Pair {
  const [id, other] = a < b ? [a, b] : [b, a]
  return { id, other, kind, distance: Number(Math.max(distance, 0).toFixed(4)) }
}

const COLUMNS = ['id', 'other', 'kind', 'distance'] as const

export async function writePairs(path: string, pairs: readonly Pair[]): Promise<void> {
  await writeCsv(path, COLUMNS, pairs)
}

/** The pairs, in the order of the file. @throws DataError when a line is not one of a pair. */
export async function readPairs(path: string): Promise<Pair[]> {
  return (await readCsv(path, COLUMNS)).map((row) => {
    const kind = KINDS.find((each) => each === row.kind)
    const distance = Number(row.distance)
    if (kind && row.id && row.other && distance >= 0) return { id: row.id, other: row.other, kind, distance }
    throw new DataError(
      `Expected ${COLUMNS.join(', ')} in each line of ${path}, received ${Object.values(row).join(',')}. Run fetch again.`,
    )
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
