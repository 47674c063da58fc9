import { basename } from 'node:path'
import { parseYaml } from '../config/params.ts'
import { CONFIG_NAME } from '../config/shapes.ts'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'
import { recordByName } from '../core/names.ts'
import { paths } from '../core/paths.ts'
import { readFilesAt } from '../git/read.ts'
import { parseMetrics } from '../scores/metrics.ts'
import { parseAnswers, type Scored } from '../scores/results.ts'

/** The parameters and results in a commit, which may be hostile. */
export interface Snapshot {
  /** Hash. */
  readonly commit: string
  readonly paramsText: string
  /** Parsed from `paramsText`, not validated. */
  readonly params: unknown
  /** By configuration, for all in results/. */
  readonly scored: Readonly<Record<string, Scored>>
}

/** Why a base cannot be compared with. */
export type NoSnapshot = { readonly reason: string }

export function isSnapshot(base: Snapshot | NoSnapshot): base is Snapshot {
  return 'scored' in base
}

/** Reads parameters and results from git. @throws ConfigError or DataError when they are missing or malformed */
export async function readSnapshot(commit: string): Promise<Snapshot> {
  const files = await readFilesAt(commit, [paths.params, paths.resultsMetrics, paths.resultsPredictions])
  const paramsText = files.get(paths.params)
  if (paramsText === undefined) {
    throw new DataError(`Expected ${paths.params} in ${commit}, received none. Commit it.`)
  }
  const predictions = files.get(paths.resultsPredictions)
  const answers = predictions === undefined ? {} : parseAnswers(predictions, paths.resultsPredictions)
  const scored = [...files].flatMap(([path, text]) => {
    const name = basename(path, '.json')
    if (path !== `${paths.resultsMetrics}/${name}.json` || !CONFIG_NAME.test(name)) return []
    const own = Object.hasOwn(answers, name) ? answers[name] : undefined
    return [[name, { metrics: parseMetrics(text, path), predictions: own ?? [] }] as const]
  })
  const { content: params } = parseYaml(paramsText, paths.params)
  return { commit, paramsText, params, scored: recordByName(scored) }
}

/** Reads a base, which another version may have written: results that cannot be read are a reason, not an error. */
export async function readBase(commit: string): Promise<Snapshot | NoSnapshot> {
  try {
    const snapshot = await readSnapshot(commit)
    return Object.keys(snapshot.scored).length > 0 ? snapshot : { reason: 'it has no results' }
  } catch (error) {
    if (!(error instanceof DataError || error instanceof ConfigError)) throw error
    return { reason: `its results cannot be read (${messageOf(error)})` }
  }
}
