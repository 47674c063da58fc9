/**
 * report: put the evaluations into words, tables, plots, a page to look at, and a demo of the chosen model.
 *
 * usage   pipeline/node pipeline/report.ts <pin of data.dvc>
 * reads   artifacts/evaluate/<config>/{metrics.json, predictions.csv, calibration.json, reliability.csv, confusion.csv, history.csv,
 *         identity.json, heatmaps.npy, heatmaps.csv}, artifacts/train/<config>/model/ of the chosen one, artifacts/runs/,
 *         artifacts/augment/, artifacts/fetch/{manifest.csv, rejected.csv}, artifacts/split/{split.csv, groups.csv, excluded.csv},
 *         results/test-ledger.jsonl; the code, for its digest
 * writes  results/test-ledger.jsonl, at its end, before it reads it: what was scored was seen, whoever runs the pipeline;
 *         results/{README.md, model-card.md, certificate.json, predictions.csv, label-candidates.csv, metrics/, confusion/, plots/},
 *         artifacts/report/{index.html, demo/}; removes what artifacts/{train,runs,evaluate} have of configurations that are no more
 * params  all but checkpoint
 */
import { argv } from 'zx'
import { loadParams } from '../src/command-line/params.ts'
import { paths } from '../src/core/paths.ts'
import { runScript } from '../src/core/stage.ts'
import { parsePin } from '../src/dataset/pin.ts'
import { writeDemo } from '../src/report/demo.ts'
import { removeForeign } from '../src/report/evaluations.ts'
import { readInputs } from '../src/report/inputs.ts'
import { writePage } from '../src/report/page/page.ts'
import { removeForeignRuns } from '../src/report/page/runs.ts'
import { renderReport, summarizeReport } from '../src/report/render.ts'
import { writeResults } from '../src/report/results.ts'
import { describeReveals, recordReveals } from '../src/report/reveals.ts'

const [pin] = argv._

await runScript('report', async () => {
  const params = await loadParams()
  const names = Object.keys(params.models)
  await removeForeign(paths.evaluateAll, names)
  await removeForeign(paths.trainAll, names)
  await removeForeignRuns(paths.runs, names)
  const added = await recordReveals()
  const inputs = await readInputs(parsePin(pin), params)
  const report = await renderReport(inputs, params)
  await writeResults(report)
  await writePage(inputs.evaluations, report.verdict, params)
  await writeDemo(report.verdict.chosen, inputs.evaluations, params)
  return `${summarizeReport(report, paths.resultsTable)}; ledger: ${describeReveals(added)}`
})
