import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { DataError, messageOf } from '../core/errors.ts'
import { writeFileAtomically } from '../core/files.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')

const schema = z.object({
  /** Of the model as a whole, and of its files by name. */
  model: z.object({ digest: hash, files: z.record(z.string(), hash) }),
  testSet: hash,
})

/** Which model was evaluated on which test set. */
export type Identity = z.infer<typeof schema>

/** Writes identity.json. */
export async function writeIdentity(path: string, { model, testSet }: Identity): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify({ model, testSet }, null, 2)}\n`)
}

/** What an identity.json says. @throws DataError when it is missing or holds something else. */
export async function readIdentity(path: string): Promise<Identity> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new DataError(
      `Expected the hashes of a model and a test set in ${path}, received: ${problem}. Run evaluate again.`,
    )
  }
}
