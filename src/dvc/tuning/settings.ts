import { parse } from 'yaml'
import { type Params, paramsSchema } from '../../command-line/params.ts'
import { faultsOf } from '../../config/faults.ts'
import { isSection, type Section } from '../../config/section.ts'
import { ConfigError, messageOf } from '../../core/errors.ts'
import type { PlannedTrial } from './trials.ts'

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

/**
 * A trial for each combination, checked against the schema of params.yaml. A section that the entry already has is replaced,
 * where DVC would merge it.
 *
 * Source: https://hydra.cc/docs/1.3/advanced/override_grammar/basic
 *
 * @param nameOf gives a trial a name by its place
 * @throws ConfigError in one line for the first combination that params.yaml does not allow
 */
export function planTrials(
  params: Params,
  config: string,
  axes: readonly Axis[],
  nameOf: (place: number) => string,
): PlannedTrial[] {
  const own: Section = params.models[config] ?? {}
  return combinationsOf(axes).map((settings, place) => {
    const entry = settings.reduce<Section>(
      (section, [key, text]) => withValue(section, key.split('.'), parseValue(key, text)),
      own,
    )
    checkEntry(params, config, entry, settings)
    const overrides = settings.flatMap(([key, text]) => {
      const path = `models.${config}.${key}`
      return [...(isSection(own[key]) ? [`~${path}`] : []), `++${path}=${text}`]
    })
    return { name: nameOf(place), entry, overrides }
  })
}

function checkEntry(params: Params, config: string, entry: Section, settings: Settings): void {
  const faults = faultsOf(paramsSchema, { ...params, models: { ...params.models, [config]: entry } })
  if (faults.length === 0) return
  const received = settings.map(([key, text]) => `${key}=${text}`).join(' ')
  throw new ConfigError(
    `Expected settings that params.yaml allows, received ${received} (${faults.map(({ text }) => text).join('; ')}).`,
  )
}

type Settings = readonly (readonly [key: string, text: string])[]

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
