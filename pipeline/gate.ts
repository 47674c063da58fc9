/**
 * gate: fail when the chosen configuration misses a threshold.
 *
 * In an experiment of DVC, which would be lost, a miss is reported and marked in report's results/gate.json. The mark makes
 * plain `dvc repro` write that file and judge again once the experiment is applied.
 *
 * reads   results/metrics/<config>.json, results/predictions.csv, results/gate.json
 * writes  nothing; in an experiment that misses, results/gate.json
 * params  gate, models
 */

import { readParams } from '../src/config/params.ts'
import { writeFileAtomically } from '../src/core/files.ts'
import { paths } from '../src/core/paths.ts'
import { runScript } from '../src/core/script.ts'
import { gateSections } from '../src/gate/params.ts'
import { formatVerdict, missedError, readJudged, requirePassed } from '../src/gate/verdict.ts'

let mark: string | undefined
await runScript('gate', async () => {
  const { scored, gate } = await readJudged(await readParams(gateSections))
  const isExperiment = Boolean(process.env.DVC_EXP_BASELINE_REV)
  if (gate.misses.length === 0 || !isExperiment) return `passed: ${requirePassed(gate, scored)}`
  mark = formatVerdict(gate, { experiment: true })
  return `missed, which does not end an experiment: ${missedError(gate, scored).message}`
})
// Only now, since a stage fails if its dependencies change while it runs.
if (mark !== undefined) await writeFileAtomically(paths.resultsGate, mark)
