import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DataError, messageOf } from '../core/errors.ts'
import { readJson, readSha256, sha256, writeFileAtomically } from '../core/files.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')

const schema = z.object({
  /** SHA-256 of the output of `sha256sum *` in the model's folder, and of its files by name. */
  model: z.object({ digest: hash, files: z.record(z.string(), hash) }),
  testSet: hash,
  /** A sample of its images, by which another set that shares most of them is recognized. */
  testSample: z.array(z.string()),
  /** Where the weights come from that its training began with, unless it started from zero. */
  weights: z.object({ source: z.string(), checksum: z.string(), licence: z.string() }).exactOptional(),
})

/** Which model was evaluated on which test set: the content of identity.json. */
export type Identity = z.infer<typeof schema>

export async function writeIdentity(path: string, identity: Identity): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(identity, null, 2)}\n`)
}

/** @throws DataError when the file is missing or holds something else. */
export async function readIdentity(path: string): Promise<Identity> {
  return readJson(path, schema, { what: 'the hashes of a model and a test set', remedy: 'Run evaluate again.' })
}

/** Reads the hashes of a saved model. @throws DataError when it is missing. */
export async function readModelDigest(folder: string): Promise<Identity['model']> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new DataError(`Expected a model in ${folder}, received: ${messageOf(error)}. Run \`npm run repro\`.`, {
      cause: error,
    })
  })
  const hashes = await Promise.all(names.sort().map(async (name) => [name, await readSha256(join(folder, name))]))
  return {
    digest: sha256(hashes.map(([name, hash]) => `${hash}  ${name}\n`).join('')),
    files: Object.fromEntries(hashes) as Record<string, string>,
  }
}
