import { z } from 'zod'
import type { Params } from '../command-line/params.ts'
import { ConfigError } from '../core/errors.ts'
import { readJson } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { type Configuration, selectConfiguration } from '../train/params.ts'

const ADVICE = `Add one with official weights to models in ${paths.params}, e.g. \`mobilenet025-transfer: { architecture: mobilenet, mode: transfer, width: 0.25 }\`.`

/**
 * The configuration whose backbone an audit uses: the named one, or the one that the gate chose if it is pretrained, or the
 * first with mode transfer, or else with fine-tune. Its backbone has the weights that training starts from, so none of the
 * labels that are audited has changed it.
 *
 * @param judged the configuration that the gate chose, if it is known
 * @throws ConfigError for a configuration from zero, or where there is no other
 */
export function chooseBackbone(params: Params, name?: string, judged?: string): Configuration {
  const entries = Object.entries(params.models)
  const pretrained = entries.filter(([, { mode }]) => mode !== 'zero').map(([each]) => each)
  const transfer = entries.find(([, { mode }]) => mode === 'transfer')?.[0]
  const first = pretrained.find((each) => each === judged) ?? transfer ?? pretrained[0]
  const chosen = name ?? first
  if (chosen === undefined) {
    throw new ConfigError(
      `Expected a configuration with mode transfer or fine-tune, received ${entries.map(([each]) => each).join(', ')}, which start from zero: a network without pretrained weights knows images only by the labels that an audit questions. ${ADVICE}`,
    )
  }
  const configuration = selectConfiguration(params, chosen)
  if (configuration.entry.mode !== 'zero') return asHead(configuration)
  throw new ConfigError(
    `Expected a configuration with mode transfer or fine-tune, received ${chosen}, which starts from zero: it knows images only by the labels that an audit questions. ${pretrained.length > 0 ? `Name another: --config ${first}.` : ADVICE}`,
  )
}

/** The configuration that the gate chose; undefined where that is not known. */
export async function readJudged(): Promise<string | undefined> {
  const expected = { what: 'the chosen configuration', remedy: 'Run `npm run repro`.' }
  const { chosen } = await readJson(paths.resultsGate, verdict, expected).catch(() => ({ chosen: null }))
  return chosen ?? undefined
}

const verdict = z.object({ chosen: z.string().nullable() })

/** A head that follows no single feature learns fewer wrong labels by heart: on photographs with 64 planted in 1,279, 51 of the first 64 in place of 47. */
const DROPOUT = 0.5

/** The configuration with the parameters of its head, and at least that dropout. */
function asHead(configuration: Configuration): Configuration {
  const { entry, train } = configuration
  const head = entry.mode === 'fine-tune' ? entry.fineTune.head : null
  return { ...configuration, train: { ...train, ...head, dropout: Math.max(train.dropout, DROPOUT) } }
}
