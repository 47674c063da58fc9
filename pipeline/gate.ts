/**
 * gate: fail when the chosen configuration misses a threshold.
 *
 * reads   results/metrics/<config>.json, results/predictions.csv
 * writes  nothing
 * params  gate, models
 */

import { readParams } from '../src/config/params.ts'
import { runScript } from '../src/core/stage.ts'
import { gateSections } from '../src/gate/params.ts'
import { readJudged, requirePassed } from '../src/gate/verdict.ts'

await runScript('gate', async () => {
  const { scored, gate } = await readJudged(await readParams(gateSections))
  return `passed: ${requirePassed(gate, scored)}`
})
