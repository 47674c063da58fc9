import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigError, messageOf } from '../core/errors.ts'
import { paths } from '../core/paths.ts'

/**
 * The sections of params.yaml that a stage names; what other sections hold is no concern of it.
 *
 * @throws ConfigError with every error and its path
 */
export async function readParams<Shape extends z.ZodRawShape>(
  shape: Shape,
  path: string = paths.params,
): Promise<z.infer<z.ZodObject<Shape>>> {
  return checkParams(z.object(shape), parseYaml(await readParamsFile(path), path), path)
}

/** The text of a params file. @throws ConfigError where it cannot be read */
export async function readParamsFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new ConfigError(
      `Expected ${path} in the folder of the project, received: ${messageOf(error)}. Run \`npm run use -- sample\`.`,
    )
  })
}

/** The content of a YAML file, checked. `name` is the file's name in messages. @throws ConfigError with every error and its path */
export function checkParams<Schema extends z.ZodType>(schema: Schema, content: unknown, name: string): z.infer<Schema> {
  const result = schema.safeParse(content)
  if (result.success) return result.data
  throw new ConfigError(`${name} is not valid:\n${z.prettifyError(result.error)}`)
}

/** The content of a YAML text. @throws ConfigError where it is not YAML */
export function parseYaml(text: string, name: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    throw new ConfigError(`Expected ${name} to be YAML, received: ${messageOf(error)}`)
  }
}

/** A map of YAML: keys and their values. */
export type Section = Readonly<Record<string, unknown>>

/** Whether a value of YAML is a map. */
export function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
