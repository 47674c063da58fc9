import { z } from 'zod'
import { readJson } from '../core/files.ts'

const image = {
  /** Path below `data/`, and SHA-256 of the file, of the image that was looked at. */
  id: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The label that it had. */
  label: z.string().min(1),
  /** What was odd about it. */
  why: z.string(),
}

const decision = z.discriminatedUnion('decision', [
  z.strictObject({ ...image, decision: z.enum(['keep', 'exclude']) }),
  z.strictObject({ ...image, decision: z.literal('relabel'), to: z.string().min(1) }),
])

/** What the page of an audit decides about a labelled image. */
export type Decision = Readonly<z.infer<typeof decision>>

const decisionsFile = z.strictObject({ decisions: z.array(decision).min(1) })

/** Reads a file that the page of an audit saved. @throws DataError when it is none */
export async function readDecisions(path: string): Promise<readonly Decision[]> {
  const remedy = 'Save it on the page of `npm run audit`.'
  const { decisions } = await readJson(path, decisionsFile, { what: 'decisions of an audit', remedy })
  return decisions
}
