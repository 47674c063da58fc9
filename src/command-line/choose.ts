import { ConfigError } from '../core/errors.ts'
import type { Params } from './params.ts'

/** What chooses a configuration: its name, or `m` (architecture) and `t` (mode). */
export interface Choice {
  readonly config?: string | undefined
  readonly m?: string | undefined
  readonly t?: string | undefined
}

/** The options of a command that takes a choice. */
export const CHOICE_OPTIONS = {
  config: { type: 'string' },
  m: { type: 'string', short: 'm' },
  t: { type: 'string', short: 't' },
} as const

/** What `--help` says about these arguments. */
export const CHOICE_HELP = `  --config NAME                                    an entry of models in params.yaml
  -m original|resnet|efficientnet|mobilenet        the first entry of that architecture
  -t zero|transfer|fine-tune                       and of that mode`

/**
 * The name of the configuration that the arguments ask for: `--config X`, or the first entry of `models` with the
 * architecture of `-m` and the mode of `-t`; one of the two will do.
 *
 * @throws ConfigError that lists the entries there are.
 */
export function chooseConfiguration({ models }: Params, { config, m, t }: Choice): string {
  const byKind = m !== undefined || t !== undefined
  const entries = Object.entries(models)
  const found = byKind
    ? entries.find(([, { architecture, mode }]) => (m ?? architecture) === architecture && (t ?? mode) === mode)
    : entries.find(([name]) => name === config)
  if (found && !(byKind && config !== undefined)) return found[0]
  const there = entries.map(([name, { architecture, mode }]) => `${name} (-m ${architecture} -t ${mode})`).join(', ')
  throw new ConfigError(
    `Expected --config NAME or -m ARCHITECTURE -t MODE of one of ${there}, received ${received({ config, m, t })}. Name one of these, or add an entry to models in params.yaml.`,
  )
}

function received({ config, m, t }: Choice): string {
  const given = Object.entries({ '--config': config, '-m': m, '-t': t }).filter(([, value]) => value !== undefined)
  return given.map(([flag, value]) => `${flag} ${value}`).join(' ') || 'neither'
}
