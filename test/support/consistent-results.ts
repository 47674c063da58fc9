import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseParams } from '../../src/command-line/params.ts'
import { sha256 } from '../../src/core/files.ts'
import { paths } from '../../src/core/paths.ts'
import { hashTestSet, writeTestSet } from '../../src/core/test-set.ts'
import { openCheckout } from '../../src/dvc/checkout.ts'
import { judge } from '../../src/gate/gate.ts'
import { formatVerdict } from '../../src/gate/verdict.ts'
import { cardLines } from '../../src/report/model-card.ts'
import { formatResultsTable } from '../../src/report/sections/results-table.ts'
import { verdictBlocks } from '../../src/report/sections/verdict.ts'
import { blocksInMarkdown } from '../../src/report/write-markdown.ts'
import { reportedIn } from '../../src/review/reported.ts'
import { ofConfigurations } from '../../src/review/verify/results.ts'
import { headlineOf, metricsOf } from '../../src/scores/results.ts'

/**
 * Writes what follows from params.yaml and the metrics and predictions in the results/ of the folder `root`: verdict, headline
 * figures, lead and table of the README, model card, test set and ledger, as far as `verify` reads them.
 */
export async function writeConsistentResults(root: string): Promise<void> {
  const files = openCheckout(root)
  const params = parseParams(files.textOf(paths.params) ?? '')
  const scored = ofConfigurations(reportedIn(files), params)
  const metrics = metricsOf(scored)
  const verdict = judge(metrics, params.gate)
  const { chosen = '' } = verdict
  const [predictions = []] = Object.values(scored).map((each) => each.predictions)
  const images = predictions.filter(({ part }) => part === 'test')
  const testSet = images.map(({ id, label }) => ({ id, label, sha256: sha256(id) }))
  await writeTestSet(testSet, join(root, paths.testSet))
  const hash = hashTestSet(testSet)
  const looks = Object.entries(metrics).map(([configuration, { test }]) => ({
    ...{ configuration, model: sha256(configuration), testSet: hash, correct: test.correct, images: test.images },
  }))
  const recorded = (files.textOf(paths.testEvaluations) ?? '').split('\n').filter((line) => line !== '')
  const lead = blocksInMarkdown(verdictBlocks(scored, verdict, params.gate))
  const texts = {
    [paths.resultsReadme]: `# Results\n\n${lead}\n\n${formatResultsTable(metrics, chosen)}\n`,
    [paths.resultsGate]: formatVerdict(verdict),
    [paths.resultsAccuracy]: JSON.stringify(headlineOf(metrics[chosen])),
    [paths.resultsCard]: [
      ...(metrics[chosen] ? cardLines(chosen, metrics[chosen], params) : []),
      `| model | \`${sha256(chosen)}\` |`,
      `| test set | \`${hash}\` |`,
      '',
    ].join('\n'),
    [paths.testEvaluations]: [...new Set([...recorded, ...looks.map((look) => JSON.stringify(look))])]
      .map((line) => `${line}\n`)
      .join(''),
  }
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}
