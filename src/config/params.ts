import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { ConfigError, messageOf } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { checkAtEnd } from '../core/script.ts'
import { faultsOf } from './faults.ts'

/** The content of a YAML text. */
export interface YamlContent {
  readonly content: unknown
  /** The file's name in messages. */
  readonly name: string
  /** The line, from 1, of the last key of a path that is there. */
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

/**
 * The sections of params.yaml that a stage names; what other sections hold is no concern of it.
 *
 * A script fails at its end if its sections changed while it ran: DVC reads the file after the stage, and would record parameters
 * that the stage did not use.
 *
 * @throws ConfigError with every fault and its line
 */
export async function readParams<Shape extends z.ZodRawShape>(
  shape: Shape,
  path: string = paths.params,
): Promise<z.infer<z.ZodObject<Shape>>> {
  const file = resolve(path) // a script may change its folder
  const read = async () => checkParams(z.object(shape), parseYaml(await readParamsFile(file), path))
  const params = await read()
  checkAtEnd(async () => {
    const now = await read()
    if (isDeepStrictEqual({ ...now, checkpoint: null }, { ...params, checkpoint: null })) return // checkpoint changes no result
    throw new ConfigError(
      `Expected ${path} not to change while this ran, received changes. The result is not kept: run the same command again.`,
    )
  })
  return params
}

/** The text of a params file. @throws ConfigError where it cannot be read */
export async function readParamsFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new ConfigError(
      `Expected ${path} in the folder of the project, received: ${messageOf(error)}. Run \`npm run use -- sample\`.`,
    )
  })
}

/** The content of a YAML text, checked. @throws ConfigError with every fault and its line */
export function checkParams<Schema extends z.ZodType>(
  schema: Schema,
  { content, name, lineOf }: YamlContent,
): z.infer<Schema> {
  const result = schema.safeParse(content)
  if (result.success) return result.data
  const faults = faultsOf(schema, content)
    .map(({ path, text }) => ({ line: lineOf(path), text }))
    .sort((a, b) => a.line - b.line)
    .map(({ line, text }) => `line ${line}: ${text}`)
  const list = faults.length === 1 ? ` ${faults[0]}` : faults.map((fault) => `\n  ${fault}`).join('')
  throw new ConfigError(`${name} is not valid:${list}`)
}

/** Parses a YAML text. @throws ConfigError where it is not YAML */
export function parseYaml(text: string, name: string): YamlContent {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter })
  const lineOf = (path: readonly PropertyKey[]) => {
    let node: unknown = document.contents
    let start = 0
    for (const key of path) {
      const pair = isMap(node) ? node.items.find((each) => isScalar(each.key) && each.key.value === key) : undefined
      if (!pair) break
      if (isScalar(pair.key)) start = pair.key.range?.[0] ?? start
      node = pair.value
    }
    return lineCounter.linePos(start).line
  }
  try {
    const [error] = document.errors
    if (error) throw error
    return { content: document.toJS(), name, lineOf }
  } catch (error) {
    throw new ConfigError(
      `Expected ${name} to be YAML, received: ${messageOf(error).split('\n')[0]?.replace(/:$/, '.')}`,
    )
  }
}
