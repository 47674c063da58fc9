import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { DataError } from '../core/errors.ts'
import { exists, readJson, writeFileAtomically } from '../core/files.ts'
import type { paths } from '../core/paths.ts'
import { NOVELTY_OUTCOMES, type Novelty } from './novelty.ts'

type NoveltyPaths = ReturnType<typeof paths.novelty>

const schema = z.object({
  /** Digest of the model that the features are of. */
  model: z.string(),
  layer: z.string(),
  width: z.int().positive(),
  references: z.array(z.int()),
  neighbours: z.int().positive(),
  limit: z.number().nullable(),
  outcome: z.enum(NOVELTY_OUTCOMES),
})

/** Writes novelty.json, and references.bin: int8 `[references, C]`, row by row. */
export async function writeNovelty(at: NoveltyPaths, model: string, { rows, ...novelty }: Novelty): Promise<void> {
  await writeFileAtomically(at.description, `${JSON.stringify(schema.parse({ model, ...novelty }))}\n`)
  await writeFileAtomically(at.references, new Uint8Array(rows.buffer, rows.byteOffset, rows.length))
}

/**
 * Reads what `writeNovelty` wrote; undefined where this model is not evaluated.
 *
 * @throws DataError when the files do not belong together
 */
export async function readNoveltyIfThere(at: NoveltyPaths, digest: string): Promise<Novelty | undefined> {
  if (!(await exists(at.description))) return undefined
  const expected = { what: 'the description of reference features', remedy: 'Run evaluate again.' }
  const { model, ...novelty } = await readJson(at.description, schema, expected)
  if (model !== digest) return undefined
  const rows = new Int8Array(await readFile(at.references))
  const count = novelty.references.reduce((total, each) => total + each, 0)
  if (rows.length === count * novelty.width) return { ...novelty, rows }
  throw new DataError(
    `Expected ${count * novelty.width} bytes in ${at.references}, received ${rows.length}. Run evaluate again.`,
  )
}
