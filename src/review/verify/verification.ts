import { type Params, parseParams } from '../../command-line/params.ts'
import { messageOf, PaddockError } from '../../core/errors.ts'
import { paths } from '../../core/paths.ts'
import { BrokenError } from '../../dvc/broken.ts'
import { type Checkout, openCheckout } from '../../dvc/checkout.ts'
import { describeStage, freshnessOf, type PipelineFreshness, type StageFreshness } from '../../dvc/freshness.ts'
import { readPipeline } from '../../dvc/pipeline.ts'
import { judge } from '../../gate/gate.ts'
import { listMisses, missedError, requirePassed } from '../../gate/verdict.ts'
import { firstOf } from '../../scores/format.ts'
import { metricsOf, type Scored } from '../../scores/results.ts'
import { reportedIn } from '../reported.ts'
import { NO_FAULTS, ofConfigurations, type ResultFaults, resultFaults } from './results.ts'

/** What can be said of a checkout without its data. */
export interface Verification extends PipelineFreshness {
  /** `stale` even where the gate failed as well. */
  readonly verdict: 'passed' | 'stale' | 'gate failed'
  /** Counts in results/ and records/ that contradict each other, a line each. */
  readonly results: readonly string[]
  /** Sentences and tables of results/ that contradict its counts, a line each. */
  readonly texts: readonly string[]
  readonly gate: GateState
}

/** The gate's verdict on results/. */
export interface GateState {
  readonly passed: boolean
  readonly message: string
  /** The message in parts, one for each missed threshold. */
  readonly misses?: readonly string[]
}

/**
 * Verifies a checkout or a commit, without Python, data, network or GPU.
 *
 * @throws BrokenError when a file that it needs is missing or malformed
 */
export function readVerification(files: Checkout = openCheckout('.')): Verification {
  try {
    const pipeline = readPipeline(files)
    const params = parseParams(files.textOf(paths.params) ?? '')
    const freshness = freshnessOf(pipeline)
    const isOutdated = willBeWritten(freshness)
    if (!isOutdated) requireOuts(freshness)
    const scored = unlessStale(freshness, () => reportedIn(files)) ?? {}
    const faults = isOutdated ? NO_FAULTS : resultFaults(files, scored, params)
    return verificationOf(freshness, faults, gateOf(scored, params, freshness))
  } catch (error) {
    if (error instanceof BrokenError || !(error instanceof PaddockError)) throw error
    throw new BrokenError(messageOf(error), { cause: error })
  }
}

/** What `read` returns; undefined if that cannot be read and report has to write it again anyway. */
function unlessStale<T>(freshness: PipelineFreshness, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof PaddockError && isStale('report', freshness)) return undefined
    throw error
  }
}

export function verificationOf(
  freshness: PipelineFreshness,
  { numbers, texts }: ResultFaults,
  gate: GateState,
): Verification {
  const faults = staleStages(freshness, gate).length + freshness.leftovers.length + numbers.length + texts.length
  const verdict = faults > 0 ? 'stale' : gate.passed ? 'passed' : 'gate failed'
  return { verdict, ...freshness, results: numbers, texts, gate }
}

/** What is stale and why, and what the gate misses, a line each; empty when the verdict is `passed`. */
export function describeFaults(verification: Verification): string[] {
  const { gate } = verification
  const misses = gate.passed ? [] : (gate.misses ?? [gate.message])
  return [...describeStale(verification), ...verification.texts, ...misses.map((line) => `gate: ${line}`)]
}

/** What is stale and why, a line each, apart from sentences and the gate's verdict. */
export function describeStale({ stages, leftovers, results, gate }: Verification): string[] {
  return [
    ...staleStages({ stages }, gate).map(describeStage),
    ...leftovers.map((name) => `${name}: in dvc.lock, but no longer in dvc.yaml; run \`npm run repro\``),
    ...results,
  ]
}

/**
 * The stages that have to run again.
 *
 * DVC records nothing of a stage that failed, so a failing gate stays stale however often it runs: where the gate alone is
 * stale, its verdict is all there is to report.
 */
function staleStages({ stages }: Pick<PipelineFreshness, 'stages'>, gate: GateState): StageFreshness[] {
  const stale = stages.filter(({ changes }) => changes.length > 0)
  return !gate.passed && stale.every(({ group }) => group === 'gate') ? [] : stale
}

/** Whether evaluate or report has to run for another reason than its outs: then results/ is out of date anyway. */
function willBeWritten({ stages }: PipelineFreshness): boolean {
  return stages.some(
    ({ group, changes }) => ['evaluate', 'report'].includes(group) && changes.some(({ of }) => of !== 'out'),
  )
}

/** @throws BrokenError naming the files in git that stages wrote and that are missing */
function requireOuts({ stages }: PipelineFreshness): void {
  const outs = stages.flatMap(({ changes }) => changes).filter(({ of, state }) => of === 'out' && state === 'missing')
  if (outs.length === 0) return
  const names = firstOf(
    outs.map(({ name }) => name),
    3,
  )
  throw new BrokenError(
    `Expected ${names}, received nothing. Run \`npm run repro\`, or restore what is missing from git.`,
  )
}

function isStale(name: string, { stages }: PipelineFreshness): boolean {
  return stages.some((stage) => stage.group === name && stage.changes.length > 0)
}

/** There is no verdict before report has run for every configuration. */
function gateOf(reported: Readonly<Record<string, Scored>>, params: Params, freshness: PipelineFreshness): GateState {
  const names = Object.keys(params.models)
  const missing = names.filter((name) => !Object.hasOwn(reported, name))
  if (missing.length > 0) {
    if (isStale('report', freshness)) return { passed: false, message: 'no verdict before report has run' }
    throw new BrokenError(
      `Expected metrics of ${missing.join(', ')} in ${paths.resultsMetrics}, received none. Run \`npm run repro\`.`,
    )
  }
  const scored = ofConfigurations(reported, params)
  const verdict = judge(metricsOf(scored), params.gate)
  if (verdict.misses.length === 0) return { passed: true, message: requirePassed(verdict, scored) }
  return { passed: false, message: missedError(verdict, scored).message, misses: listMisses(verdict, scored) }
}
