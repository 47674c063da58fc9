import { openUnion } from '../core/union.ts'
import type { ManifestRow } from '../dataset/manifest.ts'
import type { Pair, PairKind } from '../dataset/pairs.ts'
import type { Placement } from './align.ts'
import { type Fingerprint, hashOf, mirrored, WINDOWS } from './fingerprint.ts'
import { openHammingIndex } from './hamming-index.ts'
import { likenessOf, mirrorOf, NEAR } from './photo-distance.ts'

type Image = Pick<ManifestRow, 'id' | 'sha256'>

/** What the search for near duplicates compares: thumbnails are uint8 `[64, 64]`. */
export interface SearchInput {
  /** By SHA-256. */
  readonly fingerprints: ReadonlyMap<string, Fingerprint>
  readonly thumbnails: { of(sha256: string): Uint8Array }
}

/** What a search has cost. */
export interface Effort {
  /** Comparisons of hashes, and of the pixels of two images. */
  readonly hashes: number
  readonly pixels: number
}

/**
 * All pairs of images that show the same photograph, sorted by id. Of images with the same bytes each is paired with the
 * first, and only the first is compared with other images.
 *
 * Images are candidates when the perceptual hash of one is near to that of a part of the other, and pairs when their pixels
 * are too. Takes time in proportion to the number of images, whatever they show: of very many look-alikes not all are compared.
 *
 * @param input undefined: only files with the same bytes are found
 */
export function findPairs(
  images: readonly Image[],
  input?: SearchInput,
  onEnd: (effort: Effort) => void = () => {},
): Pair[] {
  const firsts = new Map<string, Image>()
  const pairs: Pair[] = []
  for (const image of images) {
    const first = firsts.get(image.sha256)
    if (first) pairs.push(pairOf(first.id, image.id, { kind: 'exact', distance: 0, certainty: 'certain' }))
    else firsts.set(image.sha256, image)
  }
  if (input) {
    const seen = [...firsts.values()].filter(({ sha256 }) => input.fingerprints.has(sha256))
    for (const pair of findNear(seen, input, onEnd)) pairs.push(pair)
  }
  return pairs.sort((a, b) => compare(a.id, b.id) || compare(a.other, b.other))
}

/** Within a larger group, such as the frames of a film, not every pair is compared. Each member has at least one pair. */
const LARGEST_COMPARED = 32
/** The search for an image ends after this many candidates whose pixels differ: it is one of many look-alikes. The nearest come first. */
const MOST_FAILED = 8

function findNear(
  images: readonly Image[],
  { fingerprints, thumbnails }: SearchInput,
  onEnd: (effort: Effort) => void,
): Pair[] {
  const hashes = images.map(({ sha256 }) => fingerprints.get(sha256) as Fingerprint)
  const index = openHammingIndex(hashes)
  const union = openUnion(images.length)
  const pairs = new Map<number, Pair>()
  let pixels = 0
  for (const [place, image] of images.entries()) {
    const hash = hashOf(hashes[place] as Fingerprint)
    const found = (['near', 'mirrored'] as const).flatMap((kind) =>
      index.find(kind === 'near' ? hash : mirrored(hash), place).map((near) => ({ ...near, kind })),
    )
    const own: Partial<Record<PairKind, Uint8Array>> = {}
    let failed = 0
    for (const { owner, window, kind } of found.sort((a, b) => a.distance - b.distance)) {
      const key = Math.min(place, owner) * images.length + Math.max(place, owner)
      const isKnown = union.groupOf(place) === union.groupOf(owner) && union.sizeOf(place) > LARGEST_COMPARED
      if (owner === place || pairs.has(key) || isKnown) continue
      if (failed === MOST_FAILED) break
      const other = images[owner] as Image
      own.near ??= thumbnails.of(image.sha256)
      own[kind] ??= mirrorOf(own.near)
      const { distance, certainty } = likenessOf(thumbnails.of(other.sha256), own[kind], WINDOWS[window] as Placement)
      pixels++
      if (distance <= NEAR) {
        pairs.set(key, pairOf(image.id, other.id, { kind, distance, certainty }))
        union.join(place, owner)
      } else failed++
    }
  }
  onEnd({ hashes: index.compared(), pixels })
  return [...pairs.values()]
}

function pairOf(
  a: string,
  b: string,
  { kind, distance, certainty }: Pick<Pair, 'kind' | 'distance' | 'certainty'>,
): Pair {
  const [id, other] = a < b ? [a, b] : [b, a]
  return { id, other, kind, distance: Number(Math.max(distance, 0).toFixed(4)), certainty }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
