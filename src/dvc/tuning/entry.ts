import { z } from 'zod'
import { type Params, paramsSchema } from '../../command-line/params.ts'
import { isSection, type Section } from '../../config/section.ts'
import { ConfigError } from '../../core/errors.ts'
import { describeSettings, type Settings, type Value } from './grid.ts'

/** A trial's entry of `models`, and which of its keys the settings changed. */
export interface TrialEntry {
  readonly entry: Section
  readonly changed: readonly string[]
}

/**
 * The entry of a configuration with some settings, checked by the schema of params.yaml.
 *
 * A key with dots changes one value of a section, which is the entry's own or else that of `train`.
 *
 * @throws ConfigError in one line for a key or value that the schema does not take
 */
export function entryWith(params: Params, config: string, settings: Settings): TrialEntry {
  const own: Section = params.models[config] ?? {}
  const entry = settings.reduce((section, [key, value]) => withValue(section, key, { value, params }), own)
  const result = paramsSchema.safeParse({ ...params, models: { ...params.models, [config]: entry } })
  if (!result.success) throw refused(settings, result.error)
  return { entry, changed: [...new Set(settings.map(([key]) => key.split('.')[0] ?? key))] }
}

function withValue(entry: Section, key: string, { value, params }: { value: Value; params: Params }): Section {
  const [first = '', ...rest] = key.split('.')
  if (rest.length === 0) return { ...entry, [first]: value }
  const section = entry[first] ?? ({ ...params.train } as Section)[first]
  return { ...entry, [first]: withDeepValue(section, rest, value) }
}

function withDeepValue(section: Value, [first = '', ...rest]: readonly string[], value: Value): Value {
  const fields = isSection(section) ? section : {}
  return { ...fields, [first]: rest.length === 0 ? value : withDeepValue(fields[first], rest, value) }
}

function refused(settings: Settings, error: z.ZodError): ConfigError {
  const faults = error.issues.map(({ path, message }) => `${z.core.toDotPath(path)}: ${message}`)
  return new ConfigError(
    `Expected keys and values that an entry of models may have, received ${describeSettings(settings)} (${faults.join('; ')}). See train and models in params.yaml.`,
  )
}
