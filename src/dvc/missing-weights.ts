import { messageOf } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import type { NetworkEntry } from '../network/params.ts'
import { publishedWeights } from '../network/published.ts'
import { findWeights, pretrainedSource } from '../network/weights.ts'
import { freshnessOf } from './freshness.ts'
import type { Pipeline } from './pipeline.ts'
import { neededFor } from './plan.ts'

/** A configuration that cannot be trained, since the weights that it begins with cannot be had. */
export interface MissingWeights {
  readonly configuration: string
  /** Address or path; the whole reason where no weights are known. */
  readonly place: string
  readonly reason: string
}

type Environment = Readonly<Record<string, string | undefined>>

const ANSWER_TIMEOUT_MS = 15_000

/**
 * The configurations that `dvc repro` would train and whose weights are neither in the cache, nor in PADDOCK_MIRROR, nor
 * answered for by their address. Downloads nothing.
 *
 * @param args arguments of `dvc repro`
 * @throws BrokenError when a file of the pipeline is malformed
 */
export async function findMissingWeights(
  pipeline: Pipeline,
  args: readonly string[],
  models: Readonly<Record<string, NetworkEntry>>,
  environment: Environment = process.env,
): Promise<MissingWeights[]> {
  const isForced = args.includes('--force') || args.includes('-f')
  const stale = new Set(
    freshnessOf(pipeline)
      .stages.filter(({ changes }) => isForced || changes.length > 0)
      .map(({ name }) => name),
  )
  const trained = neededFor(
    pipeline.stages,
    args.filter((arg) => !arg.startsWith('-')),
  ).flatMap(({ name, group, configuration }) => (group === 'train' && stale.has(name) ? (configuration ?? []) : []))
  const found = await Promise.all(
    trained.map(async (configuration) => {
      const entry = models[configuration]
      return entry && entry.mode !== 'zero' ? missingWeights(configuration, entry, environment) : []
    }),
  )
  return found.flat()
}

async function missingWeights(
  configuration: string,
  entry: NetworkEntry,
  environment: Environment,
): Promise<MissingWeights[]> {
  try {
    const source = pretrainedSource(configuration, entry.weights, publishedWeights(entry))
    if (source.path !== undefined) {
      return (await exists(source.path)) ? [] : [{ configuration, place: source.path, reason: 'no such file' }]
    }
    if (await findWeights(source, environment)) return []
    const place = source.url ?? ''
    const reason = await refusalOf(place)
    return reason === undefined ? [] : [{ configuration, place, reason }]
  } catch (error) {
    return [{ configuration, place: 'no weights', reason: messageOf(error) }]
  }
}

/** Why an address gives no file; undefined: it answers. */
async function refusalOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
    return response.ok ? undefined : `status ${response.status}`
  } catch (error) {
    return error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error)
  }
}

/** The targets without stages that need the training of a missing one; stages of a `foreach` one by one. */
export function targetsWithout(
  { stages }: Pipeline,
  args: readonly string[],
  missing: readonly MissingWeights[],
): string[] {
  const untrained = new Set(missing.map(({ configuration }) => `train@${configuration}`))
  const given = args.filter((arg) => !arg.startsWith('-'))
  const targets = (given.length > 0 ? given : ['evaluate']).flatMap((target) => {
    const members = stages.filter(({ name, group }) => group === target && name !== target)
    return members.length > 0 ? members.map(({ name }) => name) : [target]
  })
  return targets.filter((target) => !neededFor(stages, [target]).some(({ name }) => untrained.has(name)))
}

/** What is missing, and what to do. */
export function describeMissing(missing: readonly MissingWeights[]): string {
  const names = missing.map(({ configuration }) => configuration).join(', ')
  const places = [...new Set(missing.map(({ place, reason }) => `${place} (${reason})`))].join('; ')
  return `Expected the weights of ${names}, received ${places}. Connect to the network, put the files into a folder that PADDOCK_MIRROR names, or take these configurations out of params.yaml; then run this again.`
}
