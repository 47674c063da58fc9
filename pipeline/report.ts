/**
 * report: put the evaluations into words, tables and plots.
 *
 * reads   artifacts/evaluate/<config>/{metrics.json, predictions.csv, calibration.json, reliability.csv, confusion.csv, history.csv};
 *         artifacts/train/<config>/model/ of the chosen one
 * writes  results/{README.md, predictions.csv, metrics/, confusion/, plots/}, artifacts/report/demo/; removes artifacts/evaluate/<config>
 *         and artifacts/train/<config> of configurations that are no more
 * params  report, gate, train, models
 */
import { paths } from '../src/core/paths.ts'
import { writeDemo } from '../src/report/demo.ts'
import { readEvaluations, removeForeign } from '../src/report/evaluations.ts'
import { renderReport, summarizeReport } from '../src/report/render.ts'
import { writeResults } from '../src/report/results.ts'
import { runStage } from '../src/stage.ts'

await runStage('report', async (params) => {
  const names = Object.keys(params.models)
  await removeForeign(paths.evaluateAll, names)
  await removeForeign(paths.trainAll, names)
  const evaluations = await readEvaluations(names)
  const report = await renderReport(evaluations, params)
  await writeResults(report)
  await writeDemo(report.verdict.chosen, evaluations, params)
  return summarizeReport(report, paths.resultsTable)
})
