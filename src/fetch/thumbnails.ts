import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { THUMBNAIL } from './fingerprint.ts'

/** Small grey images, uint8 `[64, 64]`, by the SHA-256 of their files. Dispose of them. */
export interface Thumbnails extends Disposable {
  add(sha256: string, thumbnail: Uint8Array): void
  /** @throws Error where none was added */
  of(sha256: string): Uint8Array
}

const BYTES = THUMBNAIL ** 2

/** Keeps thumbnails in an unnamed file, which disappears when the process ends: in memory they would take 4 KB an image. */
export function openThumbnails(folder: string): Thumbnails {
  const path = join(folder, `thumbnails.${process.pid}.tmp`)
  const file = openSync(path, 'wx+')
  unlinkSync(path)
  const places = new Map<string, number>()
  return {
    add: (sha256, thumbnail) => {
      if (places.has(sha256)) return
      writeSync(file, thumbnail, 0, BYTES, places.size * BYTES)
      places.set(sha256, places.size)
    },
    of: (sha256) => {
      const place = places.get(sha256)
      const thumbnail = new Uint8Array(BYTES)
      if (place === undefined || readSync(file, thumbnail, 0, BYTES, place * BYTES) < BYTES) {
        throw new Error(`No thumbnail of ${sha256}.`)
      }
      return thumbnail
    },
    [Symbol.dispose]: () => closeSync(file),
  }
}
