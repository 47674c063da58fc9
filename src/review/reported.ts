import { CONFIG_NAME } from '../config/shapes.ts'
import { recordByName } from '../core/names.ts'
import { paths } from '../core/paths.ts'
import type { Checkout } from '../dvc/checkout.ts'
import { parseMetrics } from '../scores/metrics.ts'
import { parseAnswers, type Scored } from '../scores/results.ts'

/** The scores of each configuration in results/, by its name; none before report has run. @throws DataError for a malformed file */
export function reportedIn(files: Checkout): Record<string, Scored> {
  const predictions = files.textOf(paths.resultsPredictions)
  const answers = predictions === undefined ? {} : parseAnswers(predictions, paths.resultsPredictions)
  const scored = (files.filesIn(paths.resultsMetrics) ?? []).flatMap((file) => {
    const name = file.replace(/\.json$/, '')
    if (name === file || !CONFIG_NAME.test(name)) return []
    const path = `${paths.resultsMetrics}/${file}`
    const own = Object.hasOwn(answers, name) ? answers[name] : undefined
    return [[name, { metrics: parseMetrics(files.textOf(path) ?? '', path), predictions: own ?? [] }] as const]
  })
  return recordByName(scored)
}
