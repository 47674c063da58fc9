import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { DataError, messageOf } from '../core/errors.ts'
import { exists, writeFileAtomically } from '../core/files.ts'
import { OUTCOMES, type Temperature } from './temperature.ts'

const schema = z.object({
  method: z.literal('temperature'),
  temperature: z.number().positive(),
  outcome: z.enum(OUTCOMES),
})

/** Writes calibration.json: by what the logits are divided, and how that was found. */
export async function writeCalibration(path: string, { temperature, outcome }: Temperature): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify({ method: 'temperature', temperature, outcome }, null, 2)}\n`)
}

/** What a calibration.json says. @throws DataError when it is missing or holds something else. */
export async function readCalibration(path: string): Promise<Temperature> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new DataError(`Expected a calibration in ${path}, received: ${problem}. Run evaluate again.`)
  }
}

/** The same of a model that may not be evaluated yet; undefined where there is no file. */
export async function readCalibrationIfThere(path: string): Promise<Temperature | undefined> {
  return (await exists(path)) ? readCalibration(path) : undefined
}
