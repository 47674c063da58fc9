import { createHash } from 'node:crypto'
import { readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { removeOldest } from '../core/cache-folder.ts'
import { messageOf } from '../core/errors.ts'
import { writeFileAtomically } from '../core/files.ts'
import { cacheFolder } from '../core/paths.ts'

/** Arrays that are costly to compute and can be computed again, by what they follow from. */
export interface FeatureCache {
  /** The values, where they are there and whole. */
  read(key: string): Promise<Float32Array | undefined>
  /** Keeps values, and removes those used longest ago where there are too many. */
  write(key: string, values: Float32Array): Promise<void>
}

/** What a cache works with. */
export interface FeatureCacheOptions {
  readonly folder: string
  /** Bytes that the files may take together. */
  readonly limitBytes: number
  readonly warn: (message: string) => void
}

export const FEATURES_LIMIT_BYTES = 4e9
const DIGEST_BYTES = 32

/** The folder of the features: `PADDOCK_FEATURES`, else in the user's cache. */
export function featureFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment.PADDOCK_FEATURES || join(cacheFolder(environment), 'features')
}

/** A cache in a folder: one file a key, little-endian floats and the SHA-256 of key and floats. Nothing depends on it. */
export function openFeatureCache({ folder, limitBytes, warn }: FeatureCacheOptions): FeatureCache {
  const pathOf = (key: string) => join(folder, `${key}.features`)
  return {
    read: async (key) => {
      const path = pathOf(key)
      const bytes = await readFile(path).catch(() => undefined)
      if (!bytes) return undefined
      const content = bytes.subarray(0, -DIGEST_BYTES)
      if (!digestOf(key, content).equals(bytes.subarray(-DIGEST_BYTES))) {
        warn(`Expected whole features in ${path}, received a damaged file. They are computed again.`)
        return undefined
      }
      const now = new Date()
      await utimes(path, now, now).catch(() => {}) // read-only caches serve as well
      return new Float32Array(Uint8Array.from(content).buffer)
    },
    write: async (key, values) => {
      const content = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
      try {
        await writeFileAtomically(pathOf(key), Buffer.concat([content, digestOf(key, content)]))
        await removeOldest(folder, limitBytes)
      } catch (error) {
        warn(`the features could not be kept: ${messageOf(error)}. The next run computes them again.`)
      }
    },
  }
}

function digestOf(key: string, content: Uint8Array): Buffer {
  return createHash('sha256').update(key).update(content).digest()
}
