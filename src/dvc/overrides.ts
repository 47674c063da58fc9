import { isSection, type Section } from '../config/section.ts'
import { ConfigError } from '../core/errors.ts'

/**
 * What `dvc exp run --set-param` takes to give keys of a section the values that they have in an object; a section is
 * replaced, not merged.
 *
 * Source: https://hydra.cc/docs/1.3/advanced/override_grammar/extended
 *
 * @param keys those of `value` to set
 * @param old what stands in params.yaml now
 * @throws ConfigError for a path that the grammar does not take
 */
export function overridesOf(path: readonly string[], { keys, value, old }: Change): string[] {
  const odd = path.find((word) => !/^[A-Za-z_][\w-]*$/.test(word))
  if (odd !== undefined) {
    throw new ConfigError(
      `Expected a name that begins with a letter, received ${odd}. DVC cannot set parameters below another; rename it in params.yaml.`,
    )
  }
  return keys.flatMap((key) => {
    const place = [...path, key].join('.')
    const added = `${isSection(value[key]) ? '+' : '++'}${place}=${written(value[key])}`
    return isSection(value[key]) && old[key] !== undefined ? [`~${place}`, added] : [added]
  })
}

interface Change {
  readonly keys: readonly string[]
  readonly value: Section
  readonly old: Section
}

function written(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll(/\\(?=\\*'|\\*$)/g, '\\\\').replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`
  if (!isSection(value)) return String(value)
  const entries = Object.entries(value).map(([key, each]) => `${key}:${written(each)}`)
  return `{${entries.join(',')}}`
}
