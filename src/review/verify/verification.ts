import { type Params, parseParams } from '../../command-line/params.ts'
import { messageOf, PaddockError } from '../../core/errors.ts'
import { recordByName } from '../../core/names.ts'
import { paths } from '../../core/paths.ts'
import { BrokenError } from '../../dvc/broken.ts'
import { readText } from '../../dvc/checkout.ts'
import { describeStage, freshnessOf, type PipelineFreshness, type StageFreshness } from '../../dvc/freshness.ts'
import { readPipeline } from '../../dvc/pipeline.ts'
import { judge } from '../../gate/gate.ts'
import { listMisses, missedError, requirePassed } from '../../gate/verdict.ts'
import { metricsOf, type Scored } from '../../scores/results.ts'
import { readReported, readResultFaults } from './results.ts'

/** What can be said of a checkout without its data. */
export interface Verification extends PipelineFreshness {
  /** `stale` even where the gate failed as well. */
  readonly verdict: 'passed' | 'stale' | 'gate failed'
  /** Contradictions within results/, a line each. */
  readonly results: readonly string[]
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
 * Verifies the checkout in the current folder, without Python, data, network or GPU.
 *
 * @throws BrokenError when a file that it needs is missing or malformed
 */
export async function readVerification(): Promise<Verification> {
  try {
    const pipeline = readPipeline()
    const params = parseParams(readText(paths.params) ?? '')
    const freshness = freshnessOf(pipeline)
    const scored = await readReported().catch((error: unknown) => {
      if (error instanceof PaddockError && isStale('report', freshness)) return {}
      throw error
    })
    const results = willBeWritten(freshness) ? [] : await readResultFaults(scored)
    return verificationOf(freshness, results, gateOf(scored, params, freshness))
  } catch (error) {
    if (error instanceof BrokenError || !(error instanceof PaddockError)) throw error
    throw new BrokenError(messageOf(error), { cause: error })
  }
}

export function verificationOf(
  freshness: PipelineFreshness,
  results: readonly string[],
  gate: GateState,
): Verification {
  const isStale = staleStages(freshness, gate).length + freshness.leftovers.length + results.length > 0
  return { verdict: isStale ? 'stale' : gate.passed ? 'passed' : 'gate failed', ...freshness, results, gate }
}

/** What is stale and why, and what the gate misses, a line each; empty when the verdict is `passed`. */
export function describeFaults(verification: Verification): string[] {
  const { gate } = verification
  const misses = gate.passed ? [] : (gate.misses ?? [gate.message])
  return [...describeStale(verification), ...misses.map((line) => `gate: ${line}`)]
}

/** What is stale and why, a line each, apart from the gate's verdict. */
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
  const scored = recordByName(names.map((name) => [name, reported[name] as Scored] as const))
  const verdict = judge(metricsOf(scored), params.gate)
  if (verdict.misses.length === 0) return { passed: true, message: requirePassed(verdict, scored) }
  return { passed: false, message: missedError(verdict, scored).message, misses: listMisses(verdict, scored) }
}
