import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError, messageOf } from '../core/errors.ts'
import { readSha256, sha256 } from '../core/files.ts'

/** What tells a saved model from every other one. */
export interface ModelDigest {
  /** SHA-256 of what `sha256sum *` prints in the model's folder. */
  readonly digest: string
  /** SHA-256 of each file, by its name. */
  readonly files: Readonly<Record<string, string>>
}

/** Reads the digest of a saved model. @throws DataError when there is none. */
export async function readModelDigest(folder: string): Promise<ModelDigest> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new DataError(`Expected a model in ${folder}, received: ${messageOf(error)}. Run \`npm run repro\`.`)
  })
  const hashes = await Promise.all(names.sort().map(async (name) => [name, await readSha256(join(folder, name))]))
  return {
    digest: sha256(hashes.map(([name, hash]) => `${hash}  ${name}\n`).join('')),
    files: Object.fromEntries(hashes) as Record<string, string>,
  }
}
