import { parse } from 'yaml'
import { z } from 'zod'
import { type Params, paramsSchema } from '../../command-line/params.ts'
import { isSection, type Section } from '../../config/section.ts'
import { ConfigError, messageOf } from '../../core/errors.ts'

/** A key of an entry of `models`, dotted inside a section, and the values to try, as text. */
export interface Axis {
  readonly key: string
  readonly values: readonly string[]
}

/**
 * The axis that `--set KEY=VALUE,VALUE` names. Commas inside brackets and quotes belong to a value.
 *
 * @throws ConfigError when the text has another form
 */
export function parseAxis(text: string): Axis {
  const [, key, list = ''] = /^([\w.]+)=(.+)$/s.exec(text.trim()) ?? []
  const values = list.match(/(?:\{[^{}]*\}|\[[^[\]]*\]|"[^"]*"|'[^']*'|[^,{}[\]"'])+/g) ?? []
  if (key === undefined || values.join(',') !== list || new Set(values).size < values.length) {
    throw new ConfigError(`Expected --set KEY=VALUE,VALUE with each value once, received ${text}. See --help.`)
  }
  return { key, values }
}

/** Checks every combination against the schema of params.yaml. @throws ConfigError in one line for the first that fails */
export function checkAxes(params: Params, config: string, axes: readonly Axis[]): void {
  for (const settings of combinationsOf(axes)) {
    const entry = settings.reduce<Section>(
      (section, [key, text]) => withValue(section, key.split('.'), parseValue(key, text)),
      params.models[config] ?? {},
    )
    const result = paramsSchema.safeParse({ ...params, models: { ...params.models, [config]: entry } })
    if (result.success) continue
    const problems = result.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`)
    const received = settings.map(([key, text]) => `${key}=${text}`).join(' ')
    throw new ConfigError(
      `Expected settings that params.yaml allows, received ${received} (${problems.join('; ').replaceAll('\n', ' ')}).`,
      { cause: z.treeifyError(result.error) },
    )
  }
}

/**
 * The arguments of `dvc exp run` that try every combination. A section that the entry already has is replaced, not merged.
 *
 * Source: https://dvc.org/doc/command-reference/exp/run and https://hydra.cc/docs/1.3/advanced/override_grammar/basic
 */
export function overridesOf(params: Params, config: string, axes: readonly Axis[]): string[] {
  const entry: Section = params.models[config] ?? {}
  return axes.flatMap(({ key, values }) => {
    const place = `models.${config}.${key}`
    const removed = isSection(entry[key]) ? ['--set-param', `~${place}`] : []
    return [...removed, '--set-param', `++${place}=${values.join(',')}`]
  })
}

function combinationsOf(axes: readonly Axis[]): [key: string, text: string][][] {
  return axes.reduce<[string, string][][]>(
    (all, { key, values }) => all.flatMap((some) => values.map((text): [string, string][] => [...some, [key, text]])),
    [[]],
  )
}

function withValue(section: Section, [first = '', ...rest]: readonly string[], value: unknown): Section {
  const inner = section[first]
  const changed = rest.length === 0 ? value : withValue(isSection(inner) ? inner : {}, rest, value)
  return { ...section, [first]: changed }
}

function parseValue(key: string, text: string): unknown {
  try {
    return parse(text) as unknown
  } catch (error) {
    throw new ConfigError(`Expected YAML in --set ${key}, received ${text}: ${messageOf(error).split('\n')[0]}`)
  }
}
