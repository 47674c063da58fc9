import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { writeCsv } from '../../src/core/csv.ts'
import { sha256 } from '../../src/core/files.ts'
import { paths } from '../../src/core/paths.ts'
import { writeManifest } from '../../src/dataset/manifest.ts'
import { writeSplit } from '../../src/dataset/split.ts'
import { writeConfusion } from '../../src/evaluation/confusion.ts'
import { writeIdentity } from '../../src/evaluation/identity.ts'
import { type Metrics, writeMetrics } from '../../src/evaluation/metrics.ts'
import { writePredictions } from '../../src/evaluation/predictions.ts'
import { writeReliability } from '../../src/evaluation/reliability.ts'
import { writeCalibration } from '../../src/evaluation/saved-calibration.ts'
import { type HistoryRow, writeHistory } from '../../src/training/history.ts'
import { evaluationOf, identityOf, metricsOf, type Taken } from '../evaluation/scored.ts'
import { historyRow } from '../support/history-row.ts'

const CLASSES = ['cat', 'dog', 'horse']
const PIN = `${'0'.repeat(32)}.dir`
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

/** Writes what evaluate writes about a configuration, below `folder`. */
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
  await writeIdentity(join(folder, paths.identity(name)), identityOf(name))
  await writeHistory(join(folder, paths.evaluatedHistory(name)), history)
}

/** Pictures of three classes, as fetch and split list them, one refused and one of them there twice. */
const PICTURES = CLASSES.flatMap((label, place) => [
  { id: `train/${label}/1.png`, label, part: 'train' as const, content: `${label} one` },
  { id: `train/${label}/2.png`, label, part: 'train' as const, content: place === 0 ? 'cat one' : `${label} two` },
  { id: `train/${label}/3.png`, label, part: 'validation' as const, content: `${label} three` },
  { id: `test/${label}/1.png`, label, part: 'test' as const, content: `${label} four` },
])

/** Writes what fetch and split say of some pictures, and an empty ledger, below `folder`. */
async function writePictures(folder: string): Promise<void> {
  const manifest = PICTURES.map(({ id, label, part, content }) => ({
    id,
    label,
    set: part === 'test' ? ('test' as const) : ('train' as const),
    source: 'unknown',
    sha256: sha256(content),
    width: 64,
    height: 48,
  }))
  await writeManifest(join(folder, paths.manifest), manifest)
  const reason = 'Input file contains unsupported image format'
  await writeCsv(join(folder, paths.rejected), ['id', 'reason'], [{ id: 'train/cat/broken.png', reason }])
  await writeSplit(join(folder, paths.split), PICTURES)
  await mkdir(join(folder, paths.results), { recursive: true })
  await writeFile(join(folder, paths.ledger), '')
}

/** Writes the sample's params.yaml below `folder`, with a gate of its own, and what report reads beside evaluations. */
export async function writeParams(folder: string, gate: string): Promise<void> {
  const sample = await readFile('profiles/sample.yaml', 'utf8')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, paths.params), sample.replace(/^gate:\n( .*\n)+/m, `gate: ${gate}\n`))
  if (!existsSync(join(folder, paths.manifest))) await writePictures(folder)
}

/** Runs a stage in `folder`. */
export async function runScript(folder: string, stage: 'report' | 'gate') {
  const args = ['--import', LOADER, resolve(`pipeline/${stage}.ts`), ...(stage === 'report' ? [PIN] : [])]
  const { exitCode, stdout, stderr } = await execa('node', args, { cwd: folder, reject: false })
  return { exitCode, stdout, stderr }
}
