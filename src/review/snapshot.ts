import { basename } from 'node:path'
import { parse } from 'yaml'
import { CONFIG_NAME } from '../config/shapes.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { readFilesAt } from '../git/read.ts'
import { type Metrics, parseMetrics } from '../scores/metrics.ts'
import type { Answer } from '../scores/predictions.ts'
import { parseAnswers } from '../scores/results.ts'

/** What a commit says of its models; all of it written by somebody who may mean harm. */
export interface Snapshot {
  /** The hash of the commit. */
  readonly commit: string
  /** params.yaml: its text, and the values in it, which may be anything. */
  readonly paramsText: string
  readonly params: unknown
  /** Of every configuration in results/, by its name. */
  readonly metrics: Readonly<Record<string, Metrics>>
  /** What each configuration took each image for, by its name. */
  readonly answers: Readonly<Record<string, readonly Answer[]>>
}

/** A commit without results to compare with, and why. */
export interface NoSnapshot {
  readonly commit: string | undefined
  readonly reason: string
}

/** What a review looks at. */
const READ = [paths.params, paths.resultsMetrics, paths.resultsPredictions]

/** What a commit holds of parameters and results. @throws DataError where they cannot be read. */
export async function readSnapshot(commit: string): Promise<Snapshot> {
  const files = await readFilesAt(commit, READ)
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
    params: parseYaml(paramsText),
    metrics: Object.fromEntries(metrics),
    answers: answers === undefined ? {} : parseAnswers(answers, paths.resultsPredictions),
  }
}

/** The same of a commit that another version may have written; where it cannot be read, the reason. */
export async function readBase(commit: string): Promise<Snapshot | NoSnapshot> {
  try {
    const snapshot = await readSnapshot(commit)
    return Object.keys(snapshot.metrics).length > 0 ? snapshot : { commit, reason: 'it holds no results' }
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    return { commit, reason: `its results cannot be read (${messageOf(error)})` }
  }
}

export function isSnapshot(base: Snapshot | NoSnapshot): base is Snapshot {
  return 'metrics' in base
}

function parseYaml(text: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    throw new DataError(`Expected ${paths.params} to be YAML, received: ${messageOf(error)}`)
  }
}
