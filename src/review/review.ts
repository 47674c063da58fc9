import { type Difference, listDifferences } from '../command-line/differences.ts'
import { type Params, parseParams } from '../command-line/params.ts'
import { judge, type Verdict } from '../gate/gate.ts'
import { resolveCommit } from '../git/read.ts'
import type { Scored } from '../scores/results.ts'
import { judgeRegression, type Regression } from './regression.ts'
import { isSnapshot, type NoSnapshot, readBase, readSnapshot, type Snapshot } from './snapshot.ts'
import { readStanding, type Standing } from './standing.ts'

/** What is to be said of a head beside its base. */
export interface Review {
  readonly head: Snapshot
  readonly params: Params
  readonly base: Snapshot | NoSnapshot
  /** How a person calls the base: a branch, a tag, a hash. */
  readonly baseName: string
  /** Configurations of params.yaml that results/ has, by name; the others have yet to be trained. */
  readonly scored: Readonly<Record<string, Scored>>
  readonly gate: Verdict
  readonly regression: Regression
  readonly standing: Standing
  readonly changes: readonly Difference[]
}

/** What a review compares; everything is read from git. */
export interface ReviewRequest {
  /** Empty, or the hash of zeros that GitHub gives for a branch that was not there: none. */
  readonly base: string
  /** How to call the base; its name in `base` as a rule. */
  readonly baseName?: string
  readonly head: string
}

/** Compares two commits. @throws ConfigError or DataError when the head or its parameters are not what they must be. */
export async function readReview({ base, baseName = base, head }: ReviewRequest): Promise<Review> {
  const after = await readSnapshot(await resolveCommit(head))
  const before: Snapshot | NoSnapshot = /^0*$/.test(base)
    ? { commit: undefined, reason: 'none is named' }
    : await readBase(await resolveCommit(base))
  const params = parseParams(after.paramsText)
  const own = ownResults(after, Object.keys(params.models))
  return {
    head: after,
    params,
    base: before,
    baseName,
    scored: scoredOf(own),
    gate: judge(own.metrics, params.gate),
    regression: judgeRegression(before, own, params.gate.regression),
    standing: await readStanding(after.commit),
    changes: isSnapshot(before) ? listDifferences(before.params, after.params) : [],
  }
}

/** Whether the head may be merged as far as numbers can say. */
export function isPassed({ gate, regression, standing }: Review): boolean {
  return (
    gate.misses.length === 0 && regression.kind !== 'worse' && standing.state !== 'stale' && standing.state !== 'broken'
  )
}

/** The snapshot without results of configurations that params.yaml does not have. */
function ownResults(snapshot: Snapshot, names: readonly string[]): Snapshot {
  const entries = Object.entries(snapshot.metrics).filter(([name]) => names.includes(name))
  return { ...snapshot, metrics: Object.fromEntries(entries) }
}

function scoredOf({ metrics, answers }: Snapshot): Record<string, Scored> {
  const entries = Object.entries(metrics).map(([name, ofOne]) => {
    const predictions = Object.hasOwn(answers, name) ? (answers[name] ?? []) : []
    return [name, { metrics: ofOne, predictions }] as const
  })
  return Object.fromEntries(entries)
}
