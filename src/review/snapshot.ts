import { parseYaml } from '../config/params.ts'
import { CONFIG_NAME } from '../config/shapes.ts'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'
import { recordByName } from '../core/names.ts'
import { paths } from '../core/paths.ts'
import { type Checkout, openCommit } from '../dvc/checkout.ts'
import { parseMetrics } from '../scores/metrics.ts'
import { parseAnswers, type Scored } from '../scores/results.ts'

/** The parameters and results in a commit, which may be hostile. */
export interface Snapshot {
  /** Hash. */
  readonly commit: string
  readonly files: Checkout
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
export function readSnapshot(commit: string): Snapshot {
  const files = openCommit(commit)
  const paramsText = files.textOf(paths.params)
  if (paramsText === undefined) {
    throw new DataError(`Expected ${paths.params} in ${commit}, received none. Commit it.`)
  }
  const { content: params } = parseYaml(paramsText, paths.params)
  return { commit, files, paramsText, params, scored: reportedIn(files) }
}

/** Reads a base, which another version may have written: results that cannot be read are a reason, not an error. */
export function readBase(commit: string): Snapshot | NoSnapshot {
  try {
    const snapshot = readSnapshot(commit)
    return Object.keys(snapshot.scored).length > 0 ? snapshot : { reason: 'it has no results' }
  } catch (error) {
    if (!(error instanceof DataError || error instanceof ConfigError)) throw error
    return { reason: `its results cannot be read (${messageOf(error)})` }
  }
}

/** The scores of each configuration in results/, by its name; none before report has run. @throws DataError for a malformed file */
export function reportedIn(files: Checkout): Record<string, Scored> {
  const predictions = files.textOf(paths.resultsPredictions)
  const answers = predictions === undefined ? {} : parseAnswers(predictions, paths.resultsPredictions)
  const scored = (files.filesIn(paths.resultsMetrics) ?? []).flatMap((file) => {
    const name = file.replace(/\.json$/, '')
    if (name === file || !CONFIG_NAME.test(name)) return []
    const path = `${paths.resultsMetrics}/${file}`
    const own = Object.hasOwn(answers, name) ? answers[name] : undefined
    return [[name, { metrics: parseMetrics(files.textOf(path) ?? '', path), predictions: own ?? [] }] as const]
  })
  return recordByName(scored)
}
