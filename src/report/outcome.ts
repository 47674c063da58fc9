import { loadParams } from '../command-line/params.ts'
import { paths } from '../core/paths.ts'
import { judge } from '../gate/gate.ts'
import { requirePassed } from '../gate/verdict.ts'
import { metricsOf, readScored } from '../scores/results.ts'

/**
 * What the gate says of the results that are there, and where to read them: a run in which nothing changed does not run it.
 *
 * @throws GateError when a threshold is missed.
 */
export async function describeOutcome(): Promise<string> {
  const params = await loadParams()
  const scored = await readScored(Object.keys(params.models))
  const line = requirePassed(judge(metricsOf(scored), params.gate), scored)
  return `gate passed: ${line}; the results are in ${paths.resultsTable}`
}
