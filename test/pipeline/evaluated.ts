import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { writeCsv } from '../../src/core/csv.ts'
import { sha256 } from '../../src/core/files.ts'
import { type Part, paths } from '../../src/core/paths.ts'
import { seededRng } from '../../src/core/random.ts'
import { writeContactSheet } from '../../src/dataset/contact-sheet.ts'
import { writeManifest } from '../../src/dataset/manifest.ts'
import { type PackedRow, writePacked } from '../../src/dataset/packed.ts'
import { writeSplit } from '../../src/dataset/split.ts'
import { writeConfusion } from '../../src/evaluation/confusion.ts'
import { picturesToExplain } from '../../src/evaluation/heat-maps.ts'
import { writeIdentity } from '../../src/evaluation/identity.ts'
import type { Evaluation } from '../../src/evaluation/measure.ts'
import { type Metrics, writeMetrics } from '../../src/evaluation/metrics.ts'
import { EVALUATED_PARTS, writePredictions } from '../../src/evaluation/predictions.ts'
import { writeReliability } from '../../src/evaluation/reliability.ts'
import { writeCalibration } from '../../src/evaluation/saved-calibration.ts'
import { writeHeatMaps } from '../../src/evaluation/saved-heat-maps.ts'
import { type HistoryRow, writeHistory } from '../../src/training/history.ts'
import type { RunRecord } from '../../src/training/run-record.ts'
import { evaluationOf, identityOf, metricsOf, type Taken } from '../evaluation/scored.ts'
import { historyRow } from '../support/history-row.ts'
import { writeModelFiles } from '../support/model-files.ts'

const CLASSES = ['cat', 'dog', 'horse']
const PIN = `${'0'.repeat(32)}.dir`
/** Of the pictures, and the values of a heat map. */
const SIDE = 16
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

/** Writes what evaluate writes about a configuration, below `folder`, and what augment and train wrote before it. */
export async function writeEvaluation(
  folder: string,
  name: string,
  taken: Taken,
  head: Partial<Metrics> = {},
): Promise<void> {
  const metrics = metricsOf(taken, { epochs: 3, best_epoch: 3, ...head })
  await writeConfiguration(folder, name, { evaluation: evaluationOf(taken), metrics, classes: CLASSES })
  await writePackedPictures(folder, evaluationOf(taken).images, CLASSES)
}

/** Writes artifacts/evaluate/<config>, artifacts/runs/<config>.json and of the model what report reads, below `folder`. */
export async function writeConfiguration(
  folder: string,
  name: string,
  {
    evaluation: { images, confusion, reliability, calibration },
    metrics,
    classes,
  }: { evaluation: Evaluation; metrics: Metrics; classes: readonly string[] },
): Promise<void> {
  await writeMetrics(join(folder, paths.metrics(name)), metrics)
  await writePredictions(join(folder, paths.predictions(name)), images, classes)
  const { array, index } = paths.heatMaps(name)
  const maps = picturesToExplain(images).flatMap(({ id, part, label, prediction }) =>
    [prediction, label].map((each) => ({ id, part, class: each, values: noise(`${id} ${each}`, SIDE) })),
  )
  await writeHeatMaps({ array: join(folder, array), index: join(folder, index) }, { height: 4, width: 4, maps })
  await mkdir(join(folder, paths.runs), { recursive: true })
  await writeFile(join(folder, paths.run(name)), JSON.stringify(run(name)))
  await writeConfusion(join(folder, paths.confusion(name)), confusion)
  await writeCalibration(join(folder, paths.calibration(name)), calibration)
  await writeReliability(join(folder, paths.reliability(name)), reliability)
  await writeIdentity(join(folder, paths.identity(name)), identityOf(name))
  await writeHistory(join(folder, paths.evaluatedHistory(name)), history)
  await writeModelFiles(folder, name, classes)
}

/** Writes artifacts/augment below `folder`: noise as the pictures, and two of each class to train with. */
export async function writePackedPictures(
  folder: string,
  images: Evaluation['images'],
  classes: readonly string[],
): Promise<void> {
  const augment = join(folder, paths.augment)
  await mkdir(augment, { recursive: true })
  const training = classes.flatMap((label, place) =>
    [0, 1].map((number) => ({ id: `train/${place}-${number}.png`, label, variant: 0 })),
  )
  const ofPart = (part: Part): PackedRow[] =>
    images.filter((image) => image.part === part).map(({ id, label }) => ({ id, label, variant: 0 }))
  for (const part of ['train', ...EVALUATED_PARTS] as const) {
    const rows = part === 'train' ? training : ofPart(part)
    await rm(join(folder, paths.packed(part)), { force: true })
    await writePacked(augment, part, { rows, size: SIDE }, async (writeRow) => {
      for (const [row, { id }] of rows.entries()) await writeRow(row, noise(id, SIDE * SIDE * 3))
    })
  }
  await writeContactSheet(augment)
}

function noise(name: string, count: number): Uint8Array {
  const rng = seededRng(1, name)
  return Uint8Array.from({ length: count }, () => 256 * rng())
}

function run(config: string): RunRecord {
  return {
    ...{ config, device: 'CPU', node: '20.9.0', tensorflow: '2.21.0 (tfjs 4.22.0)', threads: 2, oneDnn: true },
    ...{ seconds: 83.4, inputStallSeconds: 0.25, epochs: 3, stoppedBy: 'epochs', collapsedEpochs: 0 },
    guarantees: {
      sameSeedSameBytes: true,
      sameBytesAfterInterruption: true,
      sameBytesForAnyThreadCount: false,
      opsThatDependOnThreads: [],
    },
  }
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
