/**
 * report: put the evaluations into words, tables and plots.
 *
 * reads   artifacts/evaluate/<config>/{metrics.json, predictions.csv, calibration.json, reliability.csv, confusion.csv, history.csv, heatmaps.npy, heatmaps.csv},
 *         artifacts/split/groups.csv, artifacts/augment/, artifacts/runs/
 * writes  results/{README.md, predictions.csv, metrics/, confusion/, plots/}, artifacts/report/index.html; removes artifacts/evaluate/<config> and artifacts/runs/<config>.json of configurations that are no more
 * params  report, gate, train, models
 */
import { paths } from '../src/core/paths.ts'
import { readEvaluations, removeForeignEvaluations } from '../src/report/evaluations.ts'
import { writePage } from '../src/report/page/page.ts'
import { removeForeignRuns } from '../src/report/page/runs.ts'
import { renderReport, summarizeReport } from '../src/report/render.ts'
import { writeResults } from '../src/report/results.ts'
import { runStage } from '../src/stage.ts'

await runStage('report', async (params) => {
  const names = Object.keys(params.models)
  await removeForeignEvaluations(paths.evaluateAll, names)
  await removeForeignRuns(paths.runs, names)
  const evaluations = await readEvaluations(names)
  const report = await renderReport(evaluations, params)
  await writeResults(report)
  await writePage(evaluations, report.verdict, params)
  return summarizeReport(report, paths.resultsTable)
})
