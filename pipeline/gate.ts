/**
 * gate: fail when the chosen configuration misses a threshold.
 *
 * reads   results/metrics/<config>.json, results/predictions.csv
 * writes  nothing
 * params  gate, models
 */

import { readParams } from '../src/config/params.ts'
import { runScript } from '../src/core/stage.ts'
import { judge } from '../src/gate/gate.ts'
import { gateSections } from '../src/gate/params.ts'
import { requirePassed } from '../src/gate/verdict.ts'
import { metricsOf, readScored } from '../src/scores/results.ts'

await runScript('gate', async () => {
  const params = await readParams(gateSections)
  const scored = await readScored(Object.keys(params.models))
  const verdict = judge(metricsOf(scored), params.gate)
  return `passed: ${requirePassed(verdict, scored)}`
})
