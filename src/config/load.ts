import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigError, messageOf } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { type ModelEntry, type Params, paramsSchema, type TrainParams } from './schema.ts'

/** One configuration: its entry of `models`, and `train` with what the entry overrides. */
export interface Configuration {
  readonly name: string
  readonly entry: ModelEntry
  readonly train: TrainParams
}

/** Reads params.yaml. @throws ConfigError with every fault and its path. */
export async function loadParams(path: string = paths.params): Promise<Params> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ConfigError(
      `Expected ${path} in the folder of the project, received: ${messageOf(error)}. Run \`npm run use -- sample\`.`,
    )
  })
  return parseParams(text, path)
}

/** The parameters that a YAML text holds; `name` is what a message calls it. */
export function parseParams(text: string, name: string = paths.params): Params {
  return checkParams(parseYaml(text, name), name)
}

/** The parameters that the content of a YAML file is. @throws ConfigError with every fault and its path. */
export function checkParams(content: unknown, name: string = paths.params): Params {
  const result = paramsSchema.safeParse(content)
  if (result.success) return result.data
  throw new ConfigError(`${name} is not valid:\n${z.prettifyError(result.error)}`)
}

/** The configuration of that name. @throws ConfigError that lists the names there are. */
export function selectConfiguration(params: Params, name: string): Configuration {
  const entry = Object.hasOwn(params.models, name) ? params.models[name] : undefined
  if (!entry) {
    throw new ConfigError(
      `Expected a configuration, one of ${Object.keys(params.models).join(', ')}, received ${name || 'none'}. Add it to models in ${paths.params} or name another.`,
    )
  }
  const overrides = Object.fromEntries(Object.entries(entry).filter(([key]) => key in params.train))
  const stopping = { ...params.train.stopping, ...entry.stopping }
  return { name, entry, train: { ...params.train, ...overrides, stopping } }
}

function parseYaml(text: string, name: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    throw new ConfigError(`Expected ${name} to be YAML, received: ${messageOf(error)}`)
  }
}
