import { parse } from 'yaml'
import { ConfigError, messageOf } from '../../core/errors.ts'
import { integer, type Rng } from '../../core/random.ts'

/** A value of an entry of `models`: what YAML can hold. */
export type Value = unknown

/** A key of an entry, with dots where it lies deeper (`schedule.kind`), and the values to try. */
export interface Axis {
  readonly key: string
  readonly values: readonly Value[]
}

/** What one trial sets: keys and values, in the order of the grid. */
export type Settings = readonly (readonly [key: string, value: Value])[]

/**
 * The axes of a grid such as `learningRate=1e-4,1e-3 optimizer=adam,sgd`.
 *
 * Values are YAML; spaces and commas within brackets or quotes belong to a value: `schedule={kind: constant},{kind: cosine, warmUpEpochs: 2}`.
 *
 * @throws ConfigError that names the part that is not KEY=VALUE,VALUE
 */
export function parseGrid(text: string): Axis[] {
  const axes = splitOutside(text, /\s/)
    .filter((part) => part !== '')
    .map(parseAxis)
  const again = axes.find(({ key }, place) => axes.findIndex((axis) => axis.key === key) !== place)
  if (again) throw gridError(`${again.key} twice`)
  if (axes.length === 0) throw gridError(text.trim() || 'nothing')
  return axes
}

/** How many combinations a grid has. */
export function gridSize(axes: readonly Axis[]): number {
  return axes.reduce((size, { values }) => size * values.length, 1)
}

/** All combinations, the last axis moving fastest. */
export function allSettings(axes: readonly Axis[]): Settings[] {
  return Array.from({ length: gridSize(axes) }, (_, place) => settingsAt(axes, place))
}

/** So many different combinations in a random order; all of them when there are no more. */
export function drawSettings(axes: readonly Axis[], count: number, rng: Rng): Settings[] {
  const size = gridSize(axes)
  const drawn = new Set<number>()
  while (drawn.size < Math.min(count, size)) drawn.add(integer(rng, 0, size - 1))
  return [...drawn].map((place) => settingsAt(axes, place))
}

/** Settings as a person writes them: `learningRate=0.001 optimizer=adam`. */
export function describeSettings(settings: Settings): string {
  return settings.map(([key, value]) => `${key}=${describeValue(value)}`).join(' ')
}

/** A value in one word where it is one. */
export function describeValue(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The combination at a place, counted as a number whose digits are the axes. */
function settingsAt(axes: readonly Axis[], place: number): Settings {
  let rest = place
  const reversed = [...axes].reverse().map(({ key, values }) => {
    const value = values[rest % values.length]
    rest = Math.floor(rest / values.length)
    return [key, value] as const
  })
  return reversed.reverse()
}

const AXIS = /^([A-Za-z][\w.]*)=(.+)$/s

function parseAxis(part: string): Axis {
  const [, key, list] = AXIS.exec(part) ?? []
  if (key === undefined || list === undefined) throw gridError(part)
  const values = splitOutside(list, /,/).map((text) => parseValue(text, part))
  const written = values.map((value) => JSON.stringify(value))
  const again = written.find((value, place) => written.indexOf(value) !== place)
  if (again !== undefined) throw gridError(`${key}=${again} twice`)
  return { key, values }
}

function parseValue(text: string, part: string): Value {
  if (text.trim() === '') throw gridError(part)
  try {
    return parse(text)
  } catch (error) {
    throw new ConfigError(
      `Expected YAML as a value in --grid, received ${text}: ${messageOf(error).split('\n')[0]} See --help.`,
      { cause: error },
    )
  }
}

/** The parts between separators that stand outside of brackets and quotes. */
function splitOutside(text: string, separator: RegExp): string[] {
  const parts = ['']
  let depth = 0
  let quote: string | undefined
  for (const sign of text) {
    if (quote === undefined && depth === 0 && separator.test(sign)) {
      parts.push('')
      continue
    }
    if (quote !== undefined) quote = sign === quote ? undefined : quote
    else if (sign === '"' || sign === "'") quote = sign
    else if ('{['.includes(sign)) depth++
    else if ('}]'.includes(sign)) depth--
    parts.push(`${parts.pop()}${sign}`)
  }
  return parts
}

function gridError(received: string): ConfigError {
  return new ConfigError(
    `Expected --grid 'KEY=VALUE,VALUE KEY=VALUE' with each key and value once, received ${received}. See --help for what it takes.`,
  )
}
