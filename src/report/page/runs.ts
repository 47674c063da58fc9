import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DataError, messageOf } from '../../core/errors.ts'
import { paths } from '../../core/paths.ts'

const runSchema = z.object({
  config: z.string(),
  device: z.string(),
  node: z.string(),
  tensorflow: z.string(),
  threads: z.number(),
  seconds: z.number(),
  inputStallSeconds: z.number(),
  epochs: z.int(),
})

/** How long a training took, and on what. */
export type Run = z.infer<typeof runSchema>

/** Reads artifacts/runs/<config>.json of each configuration. @throws DataError when one is missing or holds something else. */
export async function readRuns(names: readonly string[]): Promise<Run[]> {
  return Promise.all(names.map((name) => readRun(paths.run(name))))
}

/** Removes the records of configurations that are no more, which a fresh clone would not have. */
export async function removeForeignRuns(folder: string, names: readonly string[]): Promise<void> {
  const known = new Set(names.map((name) => `${name}.json`))
  const entries = await readdir(folder).catch(() => [])
  const foreign = entries.filter((name) => name.endsWith('.json') && !known.has(name))
  await Promise.all(foreign.map((name) => rm(join(folder, name))))
}

async function readRun(path: string): Promise<Run> {
  try {
    return runSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new DataError(
      `Expected the record of a training in ${path}, received: ${problem}. Train the configuration again.`,
    )
  }
}
