import { readParams } from '../config/params.ts'
import { paths } from '../core/paths.ts'
import { metricsOf, readScored } from '../scores/results.ts'
import { judge } from './gate.ts'
import { gateSections } from './params.ts'
import { requirePassed } from './verdict.ts'

/**
 * What the gate says of the results, and where they are; DVC skips the gate where nothing changed.
 *
 * @throws GateError when a threshold is missed.
 */
export async function describeOutcome(): Promise<string> {
  const params = await readParams(gateSections)
  const scored = await readScored(Object.keys(params.models))
  const line = requirePassed(judge(metricsOf(scored), params.gate), scored)
  return `gate passed: ${line}; the results are in ${paths.resultsTable}`
}
