import { sha256 } from '../../src/core/files.ts'
import type { Pair } from '../../src/dataset/pairs.ts'
import { type Effort, findPairs } from '../../src/fetch/duplicates.ts'
import { type Fingerprint, fingerprintOf, thumbnailOf } from '../../src/fetch/fingerprint.ts'
import { inspectImage } from '../../src/images/decode.ts'
import type { Frame } from '../../src/images/resize.ts'

/** An image, and what it is compared by. */
export interface Looked {
  readonly id: string
  readonly sha256: string
  readonly thumbnail: Uint8Array
  readonly fingerprint: Fingerprint
}

export function lookAt(id: string, frame: Frame, digest: string = sha256(id)): Looked {
  const thumbnail = thumbnailOf(frame)
  return { id, sha256: digest, thumbnail, fingerprint: fingerprintOf(thumbnail) }
}

/** A file, as fetch looks at it. */
export async function lookAtFile(id: string, bytes: Buffer): Promise<Looked> {
  return lookAt(id, (await inspectImage(bytes, { size: 224, fit: 'cover' })).frame, sha256(bytes))
}

/** The pairs among some images. */
export function searchAmong(images: readonly Looked[], onEnd?: (effort: Effort) => void): Pair[] {
  const thumbnails = new Map(images.map((image) => [image.sha256, image.thumbnail]))
  const of = (digest: string) => thumbnails.get(digest) ?? new Uint8Array(0)
  const fingerprints = new Map(images.map((image) => [image.sha256, image.fingerprint]))
  return findPairs(images, { fingerprints, thumbnails: { of } }, onEnd)
}
