import { ConfigError } from '../core/errors.ts'
import type { Params } from './params.ts'

/** The options with which a command chooses a configuration. */
export const CHOICE_OPTIONS = {
  config: { type: 'string' },
  m: { type: 'string', short: 'm' },
  t: { type: 'string', short: 't' },
} as const

/** Chooses a configuration: by name, or by `m` (architecture) and `t` (mode). */
export type Choice = { readonly [Option in keyof typeof CHOICE_OPTIONS]?: string | undefined }

/** Their lines of `--help`. */
export const CHOICE_HELP = `  --config NAME        an entry of models in params.yaml; not needed with one
  -m ARCHITECTURE      the first entry of that architecture: original, resnet,
                       efficientnet, efficientnetv2, convnext or mobilenet
  -t MODE              and of that mode: zero, transfer or fine-tune`

/**
 * The name of the chosen configuration: `--config X`, or the first entry of `models` with the
 * architecture of `-m` and the mode of `-t`; one of the two is enough. Where there is one entry, none is needed.
 *
 * @throws ConfigError listing the entries
 */
export function chooseConfiguration({ models }: Params, { config, m, t }: Choice): string {
  const byKind = m !== undefined || t !== undefined
  const entries = Object.entries(models)
  const [only] = entries
  if (only && entries.length === 1 && !byKind && config === undefined) return only[0]
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
