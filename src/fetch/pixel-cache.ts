import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, utimesSync, writevSync } from 'node:fs'
import { join } from 'node:path'
import type { ImageParams } from '../config/shapes.ts'
import { removeOldest } from '../core/cache-folder.ts'
import { messageOf } from '../core/errors.ts'
import { sha256, temporaryName } from '../core/files.ts'
import { cacheFolder } from '../core/paths.ts'
import { readDecoder } from '../images/decode.ts'

/** Decoded squares by the content of their files, so that augment need not decode what fetch has decoded. */
export interface PixelCache {
  /** The pixels of an image, uint8 `[S, S, 3]`, where they are there and whole. */
  read(imageSha256: string): Uint8Array | undefined
  /** Keeps the pixels of an image. */
  write(imageSha256: string, square: Uint8Array): void
  /** Removes what was used longest ago where there is too much. */
  trim(): Promise<void>
}

/** What a cache works with. */
export interface PixelCacheOptions {
  readonly folder: string
  /** Bytes that the files may take together. */
  readonly limitBytes: number
  readonly warn: (message: string) => void
}

export const PIXELS_LIMIT_BYTES = 4e9
const DIGEST_BYTES = 32

/** The folder of the pixels: `PADDOCK_PIXELS`, else in the user's cache. */
export function pixelFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment.PADDOCK_PIXELS || join(cacheFolder(environment), 'pixels')
}

/** The cache of pixels of one size and fit, for a stage that says a word by its name where something is amiss. */
export async function openPixels(stage: string, image: ImageParams): Promise<PixelCache> {
  const warn = (message: string) => console.error(`${stage}: ${message}`)
  return openPixelCache(image, { folder: pixelFolder(), limitBytes: PIXELS_LIMIT_BYTES, warn })
}

/**
 * A cache in a folder: one file an image, size and fit, its pixels and the SHA-256 of key and pixels. Nothing depends on it.
 *
 * The key holds the code that decodes, so that pixels of another version are never taken. A folder that cannot be written is
 * reported once. Files are read and written by plain calls: through promises each cost more than its pixels.
 */
export async function openPixelCache(
  { size, fit }: Pick<ImageParams, 'size' | 'fit'>,
  { folder, limitBytes, warn }: PixelCacheOptions,
): Promise<PixelCache> {
  const decoder = await readDecoder()
  const keyOf = (image: string) => sha256([decoder, process.arch, size, fit, image].join('\u0000'))
  const pathOf = (key: string) => join(folder, `${key}.pixels`)
  let isWritable = true
  const giveUp = (error: unknown) => {
    if (isWritable) warn(`decoded images cannot be kept: ${messageOf(error)}. They are decoded again.`)
    isWritable = false
  }
  const tryTo = (work: () => void) => {
    try {
      work()
    } catch (error) {
      giveUp(error)
    }
  }
  tryTo(() => mkdirSync(folder, { recursive: true }))
  return {
    read: (image) => {
      const key = keyOf(image)
      const path = pathOf(key)
      const bytes = readIfThere(path)
      if (!bytes) return undefined
      const square = bytes.subarray(0, -DIGEST_BYTES)
      if (square.length !== size * size * 3 || !digestOf(key, square).equals(bytes.subarray(-DIGEST_BYTES))) {
        warn(`Expected whole pixels in ${path}, received a damaged file. The image is decoded again.`)
        return undefined
      }
      const now = new Date()
      if (isWritable) tryToMark(path, now)
      return square
    },
    write: (image, square) => {
      const key = keyOf(image)
      if (isWritable) tryTo(() => writePlainly(pathOf(key), [square, digestOf(key, square)]))
    },
    trim: async () => {
      if (isWritable) await removeOldest(folder, limitBytes).catch(giveUp)
    },
  }
}

function digestOf(key: string, square: Uint8Array): Buffer {
  return createHash('sha256').update(key).update(square).digest()
}

/** By a temporary name, but without waiting for the disk: after a power cut the digest finds what is missing. */
function writePlainly(path: string, parts: readonly Uint8Array[]): void {
  const temporary = temporaryName(path)
  try {
    const file = openSync(temporary, 'wx')
    try {
      const written = writevSync(file, [...parts])
      const wanted = parts.reduce((sum, part) => sum + part.length, 0)
      if (written < wanted) throw new Error(`${written} of ${wanted} bytes written to ${temporary}`)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** Notes that a file was used; a cache that cannot be written serves as well. */
function tryToMark(path: string, now: Date): void {
  try {
    utimesSync(path, now, now)
  } catch {}
}
