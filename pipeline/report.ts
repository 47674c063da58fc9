/**
 * report: describe the evaluations in tables and plots, as Markdown and as a page, with a demo of the chosen model.
 *
 * usage   pipeline/node pipeline/report.ts
 * reads   artifacts/evaluate/<config>/ of every configuration, artifacts/train/<config>/model/ of the chosen one,
 *         artifacts/augment/, artifacts/fetch/{manifest.csv, rejected.csv}, artifacts/split/, records/
 * writes  results/{README.md, accuracy.json, gate.json, model-card.md, predictions.csv, label-candidates.csv, metrics/,
 *         confusion/, plots/},
 *         artifacts/report/{index.html, demo/}
 * params  seed, image, train, report, gate, models
 */
import { readParams } from '../src/config/params.ts'
import { paths } from '../src/core/paths.ts'
import { runScript } from '../src/core/script.ts'
import { writeDemo } from '../src/report/demo.ts'
import { readInputs } from '../src/report/inputs.ts'
import { writePage } from '../src/report/page/page.ts'
import { reportSections } from '../src/report/params.ts'
import { renderReport, summarizeReport } from '../src/report/render.ts'
import { writeResults } from '../src/report/results.ts'

await runScript('report', async () => {
  const params = await readParams(reportSections)
  const inputs = await readInputs(params)
  const report = await renderReport(inputs, params)
  await writeResults(report)
  await writePage(report, inputs)
  await writeDemo(report.verdict.chosen, inputs.evaluations, params)
  return summarizeReport(report, inputs, paths.resultsReadme)
})
