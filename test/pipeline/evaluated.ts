import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { writeContactSheet } from '../../src/augment/contact-sheet.ts'
import { type PackedRow, writePacked } from '../../src/batches/packed.ts'
import { readCsv, writeCsv } from '../../src/core/csv.ts'
import { sha256 } from '../../src/core/files.ts'
import { type Part, paths } from '../../src/core/paths.ts'
import { seededRng } from '../../src/core/random.ts'
import { writeManifest } from '../../src/dataset/manifest.ts'
import { writeSplit } from '../../src/dataset/split.ts'
import { imagesToExplain } from '../../src/evaluate/explain.ts'
import type { Evaluation } from '../../src/evaluate/measure.ts'
import type { TrainingRecord } from '../../src/records/trainings.ts'
import { writeCalibration, writeReliability } from '../../src/scores/calibration.ts'
import { writeConfusion } from '../../src/scores/confusion.ts'
import { writeHeatMaps } from '../../src/scores/heat-maps.ts'
import { type HistoryRow, writeHistory, writeNotes } from '../../src/scores/history.ts'
import { readModelDigest, writeIdentity } from '../../src/scores/identity.ts'
import { type Metrics, writeMetrics } from '../../src/scores/metrics.ts'
import { EVALUATED_PARTS, writePredictions } from '../../src/scores/predictions.ts'
import { evaluationOf, identityOf, metricsOf, type Taken } from '../evaluate/scored.ts'
import { historyRow } from '../support/history-row.ts'
import { writeModelFiles } from '../support/model-files.ts'
import { runHere } from '../support/run-here.ts'

const CLASSES = ['cat', 'dog', 'horse']
/** Of the images, and the values of a heat map. */
const SIDE = 16

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
  await writePackedImages(folder, evaluationOf(taken).images, CLASSES)
}

/** Writes artifacts/evaluate/<config>, the record of its training and what report reads of the model, below `folder`. */
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
  const maps = imagesToExplain(images).flatMap(({ id, part, label, prediction }) =>
    [prediction, label].map((each) => ({ id, part, class: each, values: noise(`${id} ${each}`, SIDE) })),
  )
  await writeHeatMaps({ array: join(folder, array), index: join(folder, index) }, { height: 4, width: 4, maps })
  await mkdir(join(folder, 'records'), { recursive: true })
  await writeModelFiles(folder, name, classes)
  const model = await readModelDigest(join(folder, paths.model(name)))
  await appendFile(join(folder, paths.trainings), `${JSON.stringify({ ...trainingOf(name), model: model.digest })}\n`)
  await writeNotes(join(folder, paths.trainingNotes(name)), NOTES)
  await writeConfusion(join(folder, paths.confusion(name)), confusion)
  await writeCalibration(join(folder, paths.calibration(name)), calibration)
  await writeReliability(join(folder, paths.reliability(name)), reliability)
  await writeIdentity(join(folder, paths.identity(name)), { ...identityOf(name), model })
  await writeHistory(join(folder, paths.evaluatedHistory(name)), history)
}

/** Writes artifacts/augment below `folder`, or adds to it: noise as the images, and two of each class to train with. */
export async function writePackedImages(
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
    const index = join(folder, paths.packedIndex(part))
    const before = existsSync(index) ? await readCsv(index, ['id', 'label']) : []
    const wanted = [...before.map((row) => ({ ...row, variant: 0 })), ...(part === 'train' ? training : ofPart(part))]
    const rows = [...new Map(wanted.map((row) => [row.id, row])).values()]
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

/** What train noted about each training. */
const NOTES = ['all 3 epochs used', 'fewer than the 5,000 images a class that training from zero needs: cat 2, dog 2']

function trainingOf(configuration: string): TrainingRecord {
  return {
    ...{
      model: identityOf(configuration).model.digest,
      configuration,
      seconds: 83.4,
      inputStallSeconds: 0.25,
      epochs: 3,
    },
    ...{ device: { kind: 'CPU' }, threads: 2, processor: 'A processor' },
    versions: { tensorflow: '2.21.0', tfjs: '4.22.0', node: '24.0.0' },
  }
}

/** Images of three classes, as fetch and split list them, one refused and one of them there twice. */
const IMAGES = CLASSES.flatMap((label, place) => [
  { id: `train/${label}/1.png`, label, part: 'train' as const, content: `${label} one` },
  { id: `train/${label}/2.png`, label, part: 'train' as const, content: place === 0 ? 'cat one' : `${label} two` },
  { id: `train/${label}/3.png`, label, part: 'validation' as const, content: `${label} three` },
  { id: `test/${label}/1.png`, label, part: 'test' as const, content: `${label} four` },
])

/** Writes what fetch and split say of some images below `folder`. */
async function writeImages(folder: string): Promise<void> {
  const manifest = IMAGES.map(({ id, label, part, content }) => ({
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
  await writeSplit(join(folder, paths.split), IMAGES)
}

/** Writes the sample's params.yaml below `folder`, with a gate of its own, and what report reads beside evaluations. */
export async function writeParams(folder: string, gate: string): Promise<void> {
  const sample = await readFile('profiles/sample.yaml', 'utf8')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, paths.params), sample.replace(/^gate:\n( .*\n)+/m, `gate: ${gate}\n`))
  if (!existsSync(join(folder, paths.manifest))) await writeImages(folder)
}

/** Runs a stage in `folder`, in this process. */
export function runStage(folder: string, stage: 'report' | 'gate') {
  return runHere(folder, `pipeline/${stage}.ts`)
}

/** Runs a stage in `folder`, in a process of its own as DVC does. */
export async function startStage(folder: string, stage: 'report' | 'gate') {
  const args = [resolve(`pipeline/${stage}.ts`)]
  const { exitCode, stdout, stderr } = await execa(process.execPath, args, { cwd: folder, reject: false })
  return { exitCode, stdout, stderr }
}
