import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { DataError, messageOf } from '../core/errors.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')

const schema = z.object({
  configuration: z.string(),
  seed: z.int(),
  /** Whether ops that need not give the same bytes twice were errors. */
  deterministic: z.boolean(),
  /** `train.threads`: how many there were; null: as many as cores. */
  threads: z.int().positive().nullable(),
  data: z.object({ pin: z.string(), manifest: hash, split: hash, testSet: hash }),
  params: hash,
  code: hash,
  packages: hash,
  stages: hash,
  versions: z.record(z.string(), z.string()),
  model: hash,
  /** What `npm run certify` makes again: SHA-256 by path below artifacts/train/<config>. */
  files: z.record(z.string(), hash),
})

/** What the chosen model was made from, and what its files are. */
export type Certificate = z.infer<typeof schema>

/** The text of results/certificate.json. */
export function formatCertificate(certificate: Certificate): string {
  return `${JSON.stringify(certificate, null, 2)}\n`
}

/** Reads a certificate. @throws DataError when it is missing or holds something else. */
export async function readCertificate(path: string): Promise<Certificate> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new DataError(`Expected a certificate in ${path}, received: ${problem}. Run \`npm run repro\`.`)
  }
}
