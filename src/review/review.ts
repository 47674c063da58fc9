import { type Difference, listDifferences } from '../command-line/differences.ts'
import { type Params, parseParams } from '../command-line/params.ts'
import { messageOf } from '../core/errors.ts'
import { recordByName } from '../core/names.ts'
import { BrokenError } from '../dvc/broken.ts'
import { judge, type Verdict } from '../gate/gate.ts'
import { resolveCommit } from '../git/read.ts'
import { metricsOf, type Scored } from '../scores/results.ts'
import { judgeRegression, type Regression } from './regression.ts'
import { isSnapshot, type NoSnapshot, readBase, readSnapshot, type Snapshot } from './snapshot.ts'
import { describeStale, readVerification } from './verify/verification.ts'

export interface Review {
  readonly head: Snapshot
  readonly params: Params
  readonly base: Snapshot | NoSnapshot
  /** How the base was named: a branch, a tag or a hash. */
  readonly baseName: string
  /** Configurations of params.yaml that have results; the others are not trained yet. */
  readonly scored: Readonly<Record<string, Scored>>
  readonly gate: Verdict
  readonly regression: Regression
  readonly freshness: Freshness
  readonly changes: readonly Difference[]
}

/** Whether dvc.lock and results/ match the committed code, parameters and data. */
export interface Freshness {
  /** `unknown`: not checked, because another commit is checked out. */
  readonly state: 'up to date' | 'stale' | 'broken' | 'unknown'
  /** What is stale or broken and why, one line each. */
  readonly lines: readonly string[]
}

export interface ReviewRequest {
  /** Empty, or GitHub's hash of zeros for a new branch: no base. */
  readonly base: string
  /** The base's name in messages; `base` by default. */
  readonly baseName?: string
  readonly head: string
}

/** Reads both commits from git and compares them. @throws ConfigError or DataError when the head cannot be read */
export async function readReview({ base, baseName = base, head }: ReviewRequest): Promise<Review> {
  const after = await readSnapshot(await resolveCommit(head))
  const before: Snapshot | NoSnapshot = /^0*$/.test(base)
    ? { reason: 'none was given' }
    : await readBase(await resolveCommit(base))
  const params = parseParams(after.paramsText)
  const known = Object.entries(after.scored).filter(([name]) => Object.hasOwn(params.models, name))
  const scored = recordByName(known)
  return {
    head: after,
    params,
    base: before,
    baseName,
    scored,
    gate: judge(metricsOf(scored), params.gate),
    regression: judgeRegression(before, { ...after, scored }, params.gate.regression),
    freshness: await readFreshness(after.commit),
    changes: isSnapshot(before) ? listDifferences(before.params, after.params) : [],
  }
}

export function isPassed({ gate, regression, freshness }: Review): boolean {
  return gate.misses.length === 0 && regression.kind !== 'worse' && !isStale(freshness)
}

export function isStale({ state }: Freshness): boolean {
  return state === 'stale' || state === 'broken'
}

/** Runs the checks of `npm run verify` except the gate. They need the checked-out files, so other commits stay unknown. */
async function readFreshness(commit: string): Promise<Freshness> {
  if ((await resolveCommit('HEAD')) !== commit) return { state: 'unknown', lines: [] }
  try {
    const lines = describeStale(await readVerification())
    return { state: lines.length > 0 ? 'stale' : 'up to date', lines }
  } catch (error) {
    if (!(error instanceof BrokenError)) throw error
    return { state: 'broken', lines: [messageOf(error)] }
  }
}
