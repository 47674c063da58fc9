import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { type Difference, listDifferences } from '../command-line/differences.ts'
import { type Params, parseParams } from '../command-line/params.ts'
import { checkParams, parseYaml } from '../config/params.ts'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { BrokenError } from '../dvc/broken.ts'
import { judge, type Verdict } from '../gate/gate.ts'
import { type GateParams, gateParams } from '../gate/params.ts'
import { mergeBase, resolveCommit } from '../git/read.ts'
import { metricsOf, type Scored } from '../scores/results.ts'
import { type Compared, listNotices, type Notice, wordingNotice } from './notices.ts'
import { isFailed, judgeRegression, type Regression } from './regression.ts'
import { isSnapshot, type NoSnapshot, openCommit, readBase, readSnapshot, type Snapshot } from './snapshot.ts'
import { ofConfigurations } from './verify/results.ts'
import { describeStale, readVerification } from './verify/verification.ts'

export interface Review extends Judged {
  readonly head: Snapshot
  readonly params: Params
  readonly base: Snapshot | NoSnapshot
  /** How the base was named: a branch, a tag or a hash. */
  readonly baseName: string
  /** Configurations of params.yaml that have results; the others are not trained yet. */
  readonly scored: Readonly<Record<string, Scored>>
  /** The thresholds that decide: the base's, or the head's own if the base has none. */
  readonly thresholds: GateParams
  readonly hasBaseThresholds: boolean
  /** The verdict by the head's own thresholds, where it changes them. */
  readonly own: (Judged & { readonly changes: readonly ThresholdChange[] }) | undefined
  readonly freshness: Freshness
  /** Changes in how the model is measured, a line each. */
  readonly notices: readonly Notice[]
  readonly changes: readonly Difference[]
}

interface Judged {
  readonly gate: Verdict
  readonly regression: Regression
}

export interface ThresholdChange extends Difference {
  /** Whether more models pass. */
  readonly isWeaker: boolean
}

/** Whether dvc.lock, results/ and records/ agree with each other and with the commit's code, parameters and data. */
export interface Freshness {
  readonly state: 'up to date' | 'stale' | 'broken'
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

/**
 * Reads both commits from git, as data, and compares them.
 *
 * @throws ConfigError or DataError when the head cannot be read by this code
 */
export async function readReview({ base, baseName = base, head }: ReviewRequest): Promise<Review> {
  const after = readSnapshot(await resolveCommit(head))
  const params = parseParams(after.paramsText)
  const scored = ofConfigurations(after.scored, params)
  const baseCommit = /^0*$/.test(base) ? undefined : await resolveCommit(base)
  const before = baseCommit === undefined ? { reason: 'none was given' } : readBase(baseCommit)
  const ofBase = baseCommit === undefined ? undefined : thresholdsAt(baseCommit)
  const thresholds = ofBase ?? params.gate
  const judgeBy = (gate: GateParams): Judged => ({
    gate: judge(metricsOf(scored), gate),
    regression: judgeRegression(before, { ...after, scored }, gate.regression),
  })
  const forkCommit = baseCommit && ((await mergeBase(baseCommit, after.commit)) ?? baseCommit)
  const compared = forkCommit && {
    fork: { commit: forkCommit, files: openCommit(forkCommit) },
    base: before,
    head: after,
  }
  const isOwn = forkCommit && !isDeepStrictEqual(params.gate, thresholdsAt(forkCommit))
  const changes = ofBase && isOwn ? thresholdChanges(ofBase, params.gate) : []
  return {
    head: after,
    params,
    base: before,
    baseName,
    scored,
    thresholds,
    hasBaseThresholds: ofBase !== undefined,
    ...judgeBy(thresholds),
    own: changes.length > 0 ? { ...judgeBy(params.gate), changes } : undefined,
    ...readFreshness(after, compared || undefined),
    changes: isSnapshot(before) ? listDifferences(before.params, after.params) : [],
  }
}

/** `neutral`: nothing failed, but the warnings must be read first. */
export function conclusionOf(review: Review): 'success' | 'neutral' | 'failure' {
  const { gate, regression, freshness, notices, own } = review
  const isAt = (level: Notice['level']) => notices.some((notice) => notice.level === level)
  if (gate.misses.length > 0 || isFailed(regression) || isStale(freshness) || isAt('failure')) return 'failure'
  const isWeaker = own?.changes.some((change) => change.isWeaker)
  return regression.kind === 'no base' || !review.hasBaseThresholds || isWeaker || isAt('warning')
    ? 'neutral'
    : 'success'
}

export function isStale({ state }: Freshness): boolean {
  return state !== 'up to date'
}

/** The thresholds of a commit; undefined where there are none that this code can read. */
function thresholdsAt(commit: string): GateParams | undefined {
  try {
    const text = openCommit(commit).textOf(paths.params) ?? ''
    return checkParams(z.object({ gate: gateParams }), parseYaml(text, paths.params)).gate
  } catch (error) {
    if (error instanceof ConfigError || error instanceof DataError) return undefined
    throw error
  }
}

/** The thresholds of which a larger value, or none, lets more models pass: with fewer shared images, the comparison says nothing. */
const WEAKER_WHEN_LARGER = ['regression.minImages', 'regression.margin']

function thresholdChanges(before: GateParams, after: GateParams): ThresholdChange[] {
  return listDifferences(before, after).map((change) => {
    const growth = Number(change.after ?? Infinity) - Number(change.before ?? Infinity)
    return { ...change, isWeaker: WEAKER_WHEN_LARGER.includes(change.path) ? growth > 0 : growth < 0 }
  })
}

/** Runs the checks of `npm run verify` except the gate on the head's files, and lists what it changes about how its model is measured. */
function readFreshness(head: Snapshot, compared: Compared | undefined): Pick<Review, 'freshness' | 'notices'> {
  const notices = compared ? listNotices(compared) : []
  try {
    const verification = readVerification(head.files)
    const texts = compared && wordingNotice(compared, verification.texts)
    const lines = [...describeStale(verification), ...(texts ? [] : verification.texts)]
    const state = lines.length > 0 ? 'stale' : 'up to date'
    return { freshness: { state, lines }, notices: texts ? [...notices, texts] : notices }
  } catch (error) {
    if (!(error instanceof BrokenError)) throw error
    return { freshness: { state: 'broken', lines: [messageOf(error)] }, notices }
  }
}
