/**
 * gate: fail when the chosen configuration misses a threshold.
 *
 * reads   results/metrics/<config>.json, results/predictions.csv
 * writes  nothing
 * params  gate, models
 */
import { judge } from '../src/evaluation/gate.ts'
import { metricsOf, readScored } from '../src/report/scored.ts'
import { requirePassed } from '../src/report/verdict.ts'
import { runStage } from '../src/stage.ts'

await runStage('gate', async (params) => {
  const scored = await readScored(Object.keys(params.models))
  const verdict = judge(metricsOf(scored), params.gate)
  return `passed: ${requirePassed(verdict, scored)}`
})
