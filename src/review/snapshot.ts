import { basename } from 'node:path'
import { parseYaml } from '../config/params.ts'
import { CONFIG_NAME } from '../config/shapes.ts'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { readFilesAt } from '../git/read.ts'
import { type Metrics, parseMetrics } from '../scores/metrics.ts'
import type { Answer } from '../scores/predictions.ts'
import { parseAnswers } from '../scores/results.ts'

/** The parameters and results in a commit, which may be hostile. */
export interface Snapshot {
  /** Hash. */
  readonly commit: string
  readonly paramsText: string
  /** Parsed from `paramsText`, not validated. */
  readonly params: unknown
  /** By configuration, for all in results/. */
  readonly metrics: Readonly<Record<string, Metrics>>
  /** Predictions by configuration. */
  readonly answers: Readonly<Record<string, readonly Answer[]>>
}

/** A base that cannot be compared with, and why. */
export interface NoSnapshot {
  readonly commit: string | undefined
  readonly reason: string
}

export function isSnapshot(base: Snapshot | NoSnapshot): base is Snapshot {
  return 'metrics' in base
}

/** Reads parameters and results from git. @throws ConfigError or DataError when they are missing or malformed */
export async function readSnapshot(commit: string): Promise<Snapshot> {
  const files = await readFilesAt(commit, [paths.params, paths.resultsMetrics, paths.resultsPredictions])
  const paramsText = files.get(paths.params)
  if (paramsText === undefined) {
    throw new DataError(`Expected ${paths.params} in ${commit}, received none. Commit it.`)
  }
  const answers = files.get(paths.resultsPredictions)
  const metrics = [...files].flatMap(([path, text]) => {
    const name = basename(path, '.json')
    const isMetrics = path === `${paths.resultsMetrics}/${name}.json` && CONFIG_NAME.test(name)
    return isMetrics ? [[name, parseMetrics(text, path)] as const] : []
  })
  return {
    commit,
    paramsText,
    params: parseYaml(paramsText, paths.params),
    metrics: Object.fromEntries(metrics),
    answers: answers === undefined ? {} : parseAnswers(answers, paths.resultsPredictions),
  }
}

/** Reads a base, which another version may have written: results that cannot be read are a reason, not an error. */
export async function readBase(commit: string): Promise<Snapshot | NoSnapshot> {
  try {
    const snapshot = await readSnapshot(commit)
    return Object.keys(snapshot.metrics).length > 0 ? snapshot : { commit, reason: 'it has no results' }
  } catch (error) {
    if (!(error instanceof DataError || error instanceof ConfigError)) throw error
    return { commit, reason: `its results cannot be read (${messageOf(error)})` }
  }
}
