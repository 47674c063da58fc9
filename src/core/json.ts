import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { DataError, messageOf } from './errors.ts'

/** The content of a JSON text. `name` is the file's name in messages. @throws DataError */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DataError(`Expected ${name} to be JSON, received: ${messageOf(error)}`, { cause: error })
  }
}

/**
 * Reads a JSON file and checks it against a schema.
 *
 * @param what noun phrase for the message: `Expected <what> in <path>, received: … <remedy>`
 * @throws DataError when the file cannot be read or holds something else.
 */
export async function readJson<T>(
  path: string,
  schema: z.ZodType<T>,
  { what, remedy }: { readonly what: string; readonly remedy: string },
): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new DataError(`Expected ${what} in ${path}, received: ${problem}. ${remedy}`, { cause: error })
  }
}
