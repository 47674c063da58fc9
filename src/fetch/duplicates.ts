import { openUnion } from '../core/union.ts'
import type { ManifestRow } from '../dataset/manifest.ts'
import type { Pair, PairKind } from '../dataset/pairs.ts'
import type { Fingerprint } from './fingerprint.ts'
import { openHammingIndex } from './hamming-index.ts'
import { distanceOf, mirrorOf, NEAR } from './photo-distance.ts'

type Image = Pick<ManifestRow, 'id' | 'sha256'>

/**
 * All pairs of images that show the same photograph, sorted by id. Of images with the same bytes each is paired with the
 * first, and only the first is compared with other images.
 *
 * Images are candidates when their perceptual hashes are near, and pairs when their pixels are too. Not quadratic: an image
 * is compared with those that share a band of hash bits with it.
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
  const candidates = [...firsts.values()].flatMap(({ id, sha256 }): Candidate[] => {
    const fingerprint = fingerprints.get(sha256)
    return fingerprint ? [{ id, fingerprint }] : []
  })
  return [...exact, ...findNear(candidates)].sort((a, b) => compare(a.id, b.id) || compare(a.other, b.other))
}

interface Candidate {
  readonly id: string
  readonly fingerprint: Fingerprint
}

/** Within a larger group, such as the frames of a film, not every pair is compared. Each member has at least one pair. */
const LARGEST_COMPARED = 32

function findNear(images: readonly Candidate[]): Pair[] {
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
        const isKnown = union.groupOf(place) === union.groupOf(found) && union.sizeOf(place) > LARGEST_COMPARED
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

function confirm(first: Candidate | undefined, second: Candidate | undefined, kind: PairKind): Pair | undefined {
  if (!first || !second) return undefined
  const [a, b] = [first.fingerprint.grey, second.fingerprint.grey]
  const distance = distanceOf(a, kind === 'mirrored' ? mirrorOf(b) : b)
  return distance <= NEAR ? pairOf(first.id, second.id, kind, distance) : undefined
}

function pairOf(a: string, b: string, kind: PairKind, distance: number): Pair {
  const [id, other] = a < b ? [a, b] : [b, a]
  return { id, other, kind, distance: Number(Math.max(distance, 0).toFixed(4)) }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
