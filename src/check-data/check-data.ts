import { type Choice, chooseConfiguration } from '../command-line/choose.ts'
import type { Params } from '../command-line/params.ts'
import { ConfigError, TrainingError } from '../core/errors.ts'
import { sha256, writeFileAtomically } from '../core/files.ts'
import { openProgress } from '../core/progress.ts'
import { type Network, NORMALIZATION } from '../network/network.ts'
import { buildNetwork } from '../network/registry.ts'
import { graphUpTo, layerGraphOf, weightsOf } from '../tensorflow/graph.ts'
import { openInference } from '../tensorflow/inference.ts'
import { expectImages, type TrainingData, withTrainingData } from '../train/data.ts'
import { type Configuration, selectConfiguration } from '../train/params.ts'
import { phasesOf } from '../train/phases.ts'
import { findFaults, type OneBatch, rangeOf, readOneBatch, type SeenBatch } from './batch.ts'
import { judgeOverfit, type OverfitJob, type Overfitted, overfit, type StepScore } from './overfit.ts'
import { drawSheet, sheetCells } from './sheet.ts'

const DEFAULT_STEPS = '300'

/**
 * Lets a configuration learn one batch by heart, prints how that went, and shows the batch in `artifacts/check/`; gives the
 * summary line.
 *
 * @param steps at most, as typed
 * @throws TrainingError that says why, when it does not learn.
 */
export async function runCheck(params: Params, choice: Choice, steps = DEFAULT_STEPS): Promise<string> {
  const maxSteps = expectSteps(steps)
  const configuration = selectConfiguration(params, chooseConfiguration(params, choice))
  const { name } = configuration
  const progress = openProgress(`check-data@${name}: steps`, maxSteps)
  const onStep = ({ step, loss }: StepScore) => progress.update(step, `loss ${loss.toFixed(3)}`)
  const checked = await withTrainingData((data) =>
    checkData(configuration, data, { maxSteps, onStep }).finally(() => progress.stop()),
  )
  const { batch, classes, overfitted, verdict, faults } = checked
  const path = `artifacts/check/${name}.svg`
  const cells = await sheetCells(batch, classes, overfitted.probabilities)
  const lines = [
    'each image with its label, and below the prediction after this batch alone was learned',
    ...(verdict.learns ? [verdict.text, ...faults] : [verdict.text]),
  ]
  await writeFileAtomically(path, drawSheet(cells, { title: `${name}: one batch of training images`, lines }))
  console.log(describeCheck(checked).join('\n'))
  if (verdict.learns) return `${name} ${verdict.text}; the batch with its labels: ${path}`
  throw new TrainingError(
    `Expected ${name} to learn one batch of ${batch.count} images by heart, received ${describeEnd(overfitted)}. ${verdict.text} The batch with its labels: ${path}`,
  )
}

type CheckedData = Awaited<ReturnType<typeof checkData>>

/**
 * Lets a configuration learn one batch of its training images by heart, which any sound network, data and learning rate
 * can: the whole network from images, for `transfer` the head from the features of the frozen backbone.
 *
 * @throws DataError when there is nothing to train on.
 */
export async function checkData(
  configuration: Configuration,
  data: TrainingData,
  run: { readonly maxSteps: number; readonly onStep: (score: StepScore) => void },
) {
  expectImages(data)
  const { classes } = data
  const { entry, train, seed, image, online } = configuration
  const augment = entry.mode === 'transfer' ? undefined : online
  const batch = await readOneBatch(data.training, { ...train, seed, augment })
  const network = await buildNetwork(configuration, { imageSize: image.size, classCount: classes.length, seed })
  try {
    const scaled = scaledBy(network, batch)
    const faults = findFaults({ ...batch, scaled })
    const overfitted = await overfit(await openOverfit(configuration, network, { classes, batch }), run)
    return { batch, classes, scaled, faults, overfitted, verdict: judgeOverfit(overfitted, batch.labels, faults) }
  } finally {
    network.model.dispose()
  }
}

/**
 * What the last phase of a training would train, on the batch alone, at the learning rate of the first phase: the low rate of
 * a second phase is for a head that has learned already.
 */
async function openOverfit(
  configuration: Configuration,
  network: Network,
  { classes, batch }: { readonly classes: readonly string[]; readonly batch: OneBatch },
): Promise<OverfitJob> {
  const images = { ...batch, digest: async () => sha256(batch.pixels) }
  const phases = phasesOf(configuration, network, { classes, training: images, validation: images })
  const [first, last] = [phases[0], phases.at(-1)]
  if (!first || !last) throw new Error('a training has at least one phase')
  const job = await last.open()
  return { ...job, params: { ...job.params, learningRate: first.params.learningRate } }
}

/** The first layer after the input, if it scales pixels, and the range of its output. */
function scaledBy({ model }: Network, batch: OneBatch): SeenBatch['scaled'] {
  const layer = model.layers[1]?.name
  if (layer === undefined || !['rescaling', NORMALIZATION].includes(layer)) return undefined
  const backbone = { graph: graphUpTo(layerGraphOf(model), layer), weights: weightsOf(model) }
  const inference = openInference(backbone, { inputShape: batch.inputShape, engine: 'compiled' })
  try {
    return { layer, values: rangeOf(inference.run(batch.pixels, batch.count)) }
  } finally {
    inference.dispose()
  }
}

function describeCheck({ batch, classes, scaled, faults, overfitted }: CheckedData): string[] {
  const counts = classes.map((name, place) => `${batch.labels.filter((label) => label === place).length} ${name}`)
  const pixels = rangeOf(batch.pixels)
  const seen = scaled
    ? `; after ${scaled.layer} ${scaled.values.min.toFixed(2)} to ${scaled.values.max.toFixed(2)}`
    : ''
  return [
    `one batch of ${batch.count} training images: ${counts.join(', ')}; pixels ${pixels.min} to ${pixels.max}${seen}`,
    ...faults,
    ...milestones(overfitted.scores).map(
      ({ step, loss, accuracy }) =>
        `  step ${String(step).padStart(4)}   loss ${loss.toFixed(3)}   accuracy ${accuracy.toFixed(3)}`,
    ),
  ]
}

/** The last step, and those at 1, 2, 5, 10, 20, 50, … */
function milestones(scores: readonly StepScore[]): StepScore[] {
  return scores.filter(({ step }) => step === scores.length || /^[125]0*$/.test(String(step)))
}

function describeEnd({ scores }: Overfitted): string {
  const last = scores.at(-1)
  return `loss ${last?.loss.toFixed(3)} and accuracy ${last?.accuracy.toFixed(3)} after ${scores.length} steps`
}

function expectSteps(steps: string): number {
  if (/^[1-9]\d{0,5}$/.test(steps)) return Number(steps)
  throw new ConfigError(`Expected --steps to be a whole number from 1 to 999999, received ${steps}.`)
}
