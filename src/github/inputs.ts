import { readFile } from 'node:fs/promises'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { loadParams, type Params, parseParams } from '../command-line/params.ts'
import { CONFIG_NAME } from '../config/shapes.ts'
import { ConfigError } from '../core/errors.ts'
import { writeFileAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'

/**
 * Parses a list of configurations, separated by spaces or commas. Duplicates are dropped; an empty list means all.
 *
 * @throws ConfigError for a name that params.yaml does not have
 */
export function readConfigurations(input: string | undefined, { models }: Pick<Params, 'models'>): string[] {
  const known = Object.keys(models)
  const names = [...new Set((input ?? '').split(/[\s,]+/).filter((name) => name !== ''))]
  const unknown = names.find((name) => !CONFIG_NAME.test(name) || !known.includes(name))
  if (unknown === undefined) return names.length > 0 ? names : known
  throw new ConfigError(
    `Expected configurations among ${known.join(', ')}, received ${JSON.stringify(unknown)}. Choose names from params.yaml.`,
  )
}

/** Parses a seed; empty means none. @throws ConfigError */
export function readSeed(input: string | undefined): number | undefined {
  const text = (input ?? '').trim()
  if (text === '') return undefined
  const seed = Number(text)
  if (/^\d{1,10}$/.test(text) && seed < 2 ** 31) return seed
  throw new ConfigError(
    `Expected SEED to be an integer from 0 to 2147483647, or empty, received ${JSON.stringify(text)}. Choose another.`,
  )
}

const label = z.string().regex(/^[\w.@:-]{1,100}$/)
const labels = z.union([label, z.array(label).min(1)])
const runnerSchema = z.union([labels, z.strictObject({ group: label, labels: labels.optional() })])

/** Where training jobs run, as `runs-on` of a workflow takes it. */
export interface Runner {
  readonly runsOn: z.infer<typeof runnerSchema>
  /** Whether a label promises a GPU, which is demanded then. */
  readonly gpu: boolean
}

/** Parses the variable PADDOCK_RUNNER; empty means our own GPU runners. @throws ConfigError */
export function readRunner(input: string | undefined): Runner {
  const text = (input ?? '').trim() || '["self-hosted", "gpu"]'
  const parsed = runnerSchema.safeParse(jsonOf(text))
  if (parsed.success) return { runsOn: parsed.data, gpu: /gpu|cuda/i.test(text) }
  throw new ConfigError(
    `Expected PADDOCK_RUNNER to be a label, labels or a group as JSON, such as "ubuntu-24.04" in quotes or ["self-hosted", "gpu"], received ${JSON.stringify(text)}. Correct the repository variable.`,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Reads params.yaml and the configurations that a job is asked for, and sets their seed in params.yaml if one is given.
 *
 * @throws ConfigError for a configuration or a seed that cannot be
 */
export async function applyInputs(configurations: string | undefined, seedText: string | undefined) {
  const params = await loadParams()
  const seed = readSeed(seedText)
  const names = readConfigurations(configurations, params)
  if (seed !== undefined) {
    await writeFileAtomically(paths.params, withSeed(await readFile(paths.params, 'utf8'), names, seed))
  }
  return { params, names, seed }
}

/** The text of params.yaml with another seed in some entries of `models`; comments stay. */
export function withSeed(text: string, names: readonly string[], seed: number): string {
  const document = parseDocument(text)
  for (const name of names) document.setIn(['models', name, 'seed'], seed)
  const changed = document.toString({ lineWidth: 0 })
  parseParams(changed)
  return changed
}
