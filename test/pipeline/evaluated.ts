import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { paths } from '../../src/core/paths.ts'
import { writeConfusion } from '../../src/evaluation/confusion.ts'
import { type Metrics, writeMetrics } from '../../src/evaluation/metrics.ts'
import { writePredictions } from '../../src/evaluation/predictions.ts'
import { writeReliability } from '../../src/evaluation/reliability.ts'
import { writeCalibration } from '../../src/evaluation/saved-calibration.ts'
import { type HistoryRow, writeHistory } from '../../src/training/history.ts'
import { evaluationOf, metricsOf, type Taken } from '../evaluation/scored.ts'
import { historyRow } from '../support/history-row.ts'
import { writeModelFiles } from '../support/model-files.ts'

const CLASSES = ['cat', 'dog', 'horse']
const LOADER = pathToFileURL(resolve('node_modules/tsx/dist/loader.mjs')).href

/** Three epochs of a training that goes well, and used all there were. */
export const history: readonly HistoryRow[] = [1, 2, 3].map((epoch) =>
  historyRow(epoch, {
    loss: 1 / epoch,
    accuracy: 1 - 0.3 / epoch,
    validation_loss: 1.1 / epoch,
    validation_accuracy: 1 - 0.4 / epoch,
    validation_macro_f1: 1 - 0.4 / epoch,
    stopped_by: epoch === 3 ? 'epochs' : '',
  }),
)

/** Writes what evaluate writes about a configuration, and of its model what report reads, below `folder`. */
export async function writeEvaluation(
  folder: string,
  name: string,
  taken: Taken,
  head: Partial<Metrics> = {},
): Promise<void> {
  const { images, confusion, reliability, calibration } = evaluationOf(taken)
  await writeMetrics(join(folder, paths.metrics(name)), metricsOf(taken, { epochs: 3, best_epoch: 3, ...head }))
  await writePredictions(join(folder, paths.predictions(name)), images, CLASSES)
  await writeConfusion(join(folder, paths.confusion(name)), confusion)
  await writeCalibration(join(folder, paths.calibration(name)), calibration)
  await writeReliability(join(folder, paths.reliability(name)), reliability)
  await writeHistory(join(folder, paths.evaluatedHistory(name)), history)
  await writeModelFiles(folder, name, CLASSES)
}

/** Writes the sample's params.yaml below `folder`, with a gate of its own. */
export async function writeParams(folder: string, gate: string): Promise<void> {
  const sample = await readFile('profiles/sample.yaml', 'utf8')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, paths.params), sample.replace(/^gate:\n( .*\n)+/m, `gate: ${gate}\n`))
}

/** Runs a stage in `folder`. */
export async function runScript(folder: string, stage: 'report' | 'gate') {
  const { exitCode, stdout, stderr } = await execa('node', ['--import', LOADER, resolve(`pipeline/${stage}.ts`)], {
    cwd: folder,
    reject: false,
  })
  return { exitCode, stdout, stderr }
}
