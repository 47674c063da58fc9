import { parseYaml } from '../config/params.ts'
import { dvcCache } from '../core/dvc-objects.ts'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { type Checkout, checkoutOf } from '../dvc/checkout.ts'
import { openTree } from '../git/read.ts'
import type { Scored } from '../scores/results.ts'
import { reportedIn } from './reported.ts'

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

/** Opens a commit of the repository in the current folder, without a checkout. @param commit a hash */
export function openCommit(commit: string): Checkout {
  return checkoutOf(openTree(commit), dvcCache('.'))
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
