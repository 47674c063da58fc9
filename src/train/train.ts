import { watchFiles } from '../core/dependencies.ts'
import { TrainingError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { checkAtEnd, runChecks } from '../core/script.ts'
import { buildNetwork } from '../network/registry.ts'
import { type ModelMetadata, saveModel } from '../network/saved.ts'
import { describeEnding, type HistoryRow, writeHistory, writeNotes, writeValidationScores } from '../scores/history.ts'
import { setWeights } from '../tensorflow/graph.ts'
import type { tf } from '../tensorflow/raw.ts'
import { isFinished, isOver, type Snapshot, type TrainingState } from './checkpoint.ts'
import { type Checkpointer, openCheckpointer } from './checkpointer.ts'
import { countByClass, describeImbalance, describeShortage } from './class-balance.ts'
import { describeCollapsedEpochs } from './collapse.ts'
import { expectImages, type TrainingData, withTrainingData } from './data.ts'
import { fit, positionOf, startPhase } from './fit.ts'
import { type Configuration, isMixing, type TrainParams } from './params.ts'
import { type Phase, phasesOf } from './phases.ts'
import { openReport, type TrainingReport } from './progress.ts'
import { writeTrainingRecord } from './record.ts'
import { bestEpochOf } from './stopping.ts'

/** The whole stage: trains, or continues an interrupted training, and saves; gives the summary line. */
export async function runTraining(configuration: Configuration): Promise<string> {
  expectTrainingAllowed(configuration.name)
  checkAtEnd(watchFiles([`src/models/${configuration.entry.architecture}.ts`])) // dvc.yaml has a variable there
  const checkpointer = await openCheckpointer(configuration)
  const trained = await withTrainingData((data) => {
    warn(configuration, data)
    return train(configuration, data, checkpointer)
  })
  const summary = await saveTraining(configuration, trained)
  await checkpointer.clear()
  return summary
}

/** A trained model with the weights of its best epoch, and its history. */
export interface Trained {
  readonly model: tf.LayersModel
  readonly metadata: ModelMetadata
  readonly history: readonly HistoryRow[]
  /** How long steps of this process waited for their batches. */
  readonly inputStallSeconds: number
}

/**
 * Trains one configuration in its phases: the head on features, every layer that is not frozen on images, or both in turn.
 *
 * @throws DataError when there is nothing to train on.
 * @throws TrainingError when the loss is not finite.
 * @throws InterruptedError after a signal; the checkpoint is written by then.
 */
export async function train(
  configuration: Configuration,
  data: TrainingData,
  checkpointer: Checkpointer,
): Promise<Trained> {
  expectImages(data)
  const { image, seed } = configuration
  const network = await buildNetwork(configuration, { imageSize: image.size, classCount: data.classes.length, seed })
  const { model } = network
  const phases = phasesOf(configuration, network, data)
  const report = openReport(configuration.name, phases.length > 1)
  const { best, state } = await trainPhases(phases, model, { checkpointer, report }).finally(() => report.close())
  setWeights(model, best)
  const { history } = state
  const metadata = await metadataOf(configuration, data, history)
  return { model, metadata, history, inputStallSeconds: report.inputStallSeconds() }
}

/**
 * Trains phase after phase, each from the best weights so far: the head alone may stay better than what follows.
 *
 * Continues in the phase of the checkpoint. `npm run finish` ends the training in whatever phase it is.
 */
async function trainPhases(
  phases: readonly Phase[],
  model: tf.LayersModel,
  { checkpointer, report }: { readonly checkpointer: Checkpointer; readonly report: TrainingReport },
): Promise<Snapshot> {
  let reached = await checkpointer.restore()
  for (const phase of phases.slice(nextPhase(phases, reached?.state))) {
    if (reached) setWeights(model, reached.best)
    const job = await phase.open()
    const from = reached && !isOver(reached.state) ? reached : startPhase(job, reached)
    reached = await fit(job, from, { checkpointer, callbacks: report.callbacks(job) })
    if (phase !== phases.at(-1) && !isFinished(reached.state)) continue
    await checkpointer.end(positionOf(job, reached.state), reached)
    break
  }
  if (!reached) throw new Error('a training has at least one phase')
  return reached
}

/** The place of the phase to continue with, `phases.length` where nothing is left to train. */
function nextPhase(phases: readonly Phase[], state: TrainingState | undefined): number {
  if (!state) return 0
  if (isFinished(state)) return phases.length
  const place = phases.findIndex(({ name }) => name === state.phase)
  return isOver(state) ? place + 1 : place
}

/** Writes the model, its history, its validation scores, the notes and the record of the training; gives the summary line. */
export async function saveTraining(
  { name, train, online }: Pick<Configuration, 'name' | 'train' | 'online'>,
  { model, metadata, history, inputStallSeconds }: Trained,
): Promise<string> {
  await runChecks()
  await saveModel(paths.model(name), model, metadata)
  await writeHistory(paths.history(name), history)
  const scoreFiles = { validation: paths.validation(name), scores: paths.scores(name) }
  await writeValidationScores(scoreFiles, history, metadata.bestEpoch)
  await writeNotes(paths.trainingNotes(name), trainingNotes({ ...train, online }, metadata, history))
  await writeTrainingRecord(name, { seconds: performance.now() / 1000, inputStallSeconds, epochs: history.length })
  const best = history.find((row) => row.epoch === metadata.bestEpoch)
  return `best epoch ${metadata.bestEpoch} of ${history.length}, validation accuracy ${best?.validation_accuracy.toFixed(3)}, macro F1 ${best?.validation_macro_f1.toFixed(3)}; ${describeEnding(history)}`
}

/**
 * How a training ended, whether it learned nothing, had few images to learn from or unbalanced classes, and what its training
 * accuracy counts if images are mixed.
 */
export function trainingNotes(
  { online, ...train }: Pick<TrainParams, 'classWeights' | 'sampling'> & Pick<Configuration, 'online'>,
  { mode, trainImages }: Pick<ModelMetadata, 'mode' | 'trainImages'>,
  history: readonly HistoryRow[],
): string[] {
  const notes = [
    describeEnding(history),
    describeCollapsedEpochs(history),
    describeShortage(mode, trainImages),
    describeImbalance(train, trainImages),
    mode !== 'transfer' && isMixing(online) ? MIXED : undefined,
  ]
  return notes.filter((note) => note !== undefined)
}

const MIXED = 'training accuracy is that of mixed images, by the label with the larger share'

/** What a model says about itself: how it was configured, what it was trained on, and how far it got. */
export async function metadataOf(
  { name, entry, train, image, trainingDigest }: Configuration,
  data: TrainingData,
  history: readonly HistoryRow[],
): Promise<ModelMetadata> {
  return {
    config: name,
    architecture: entry.architecture,
    mode: entry.mode,
    classes: data.classes,
    trainImages: countByClass(data),
    epochs: history.length,
    bestEpoch: bestEpochOf(history, train.stopping),
    image,
    training: { parameters: trainingDigest, images: await data.training.digest() },
  }
}

/**
 * Refuses to train where `PADDOCK_NO_TRAINING` is set: on a machine that only collects what others trained, a training means
 * that its results are missing.
 *
 * @throws TrainingError
 */
export function expectTrainingAllowed(
  name: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): void {
  if (['', '0', undefined].includes(environment.PADDOCK_NO_TRAINING)) return
  throw new TrainingError(
    `Expected the results of ${name} in the run cache, received none, and PADDOCK_NO_TRAINING forbids training here. Train it where that is allowed, and push it with --run-cache.`,
  )
}

function warn({ name, entry, train, online }: Configuration, data: TrainingData): void {
  const images = countByClass(data)
  const isUnused = entry.mode === 'transfer' && online !== undefined
  const warnings = [
    describeShortage(entry.mode, images),
    describeImbalance(train, images),
    isUnused ? 'augment.online has no effect on transfer, which trains on features' : undefined,
  ]
  for (const line of warnings) if (line !== undefined) console.error(`train@${name}: ${line}`)
}
