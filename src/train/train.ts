import { buildNetwork } from '../network/registry.ts'
import type { ModelCard } from '../network/saved.ts'
import type { HistoryRow } from '../scores/history.ts'
import type { LayerGraph } from '../tensorflow/graph.ts'
import type { tf } from '../tensorflow/raw.ts'
import { cardOf } from './card.ts'
import { expectImages, type TrainingData } from './data.ts'
import { fit } from './fit.ts'
import { fitPhases, type PhaseJob } from './fit-phases.ts'
import type { Keeper } from './keeper.ts'
import { onlineAugment } from './online.ts'
import type { Configuration, TrainStageParams } from './params.ts'
import { phasesOf } from './phases.ts'
import { openRunReport } from './run-report.ts'
import type { RunState } from './run-state.ts'
import { trainingSeed } from './seed.ts'

/** A trained model with the weights of its best epoch, and how it came to be. */
export interface Trained {
  readonly model: tf.LayersModel
  readonly card: ModelCard
  /** What was trained, and how. */
  readonly graph: LayerGraph
  readonly history: readonly HistoryRow[]
  /** For how long steps waited for their batches, since this process began. */
  readonly inputStallSeconds: number
}

/**
 * Trains one configuration in its phases: the head on features, every layer that is not frozen on images, or both in turn.
 *
 * @throws DataError when there is nothing to train on; whatever `fit` throws.
 */
export async function train(
  configuration: Configuration,
  params: TrainStageParams,
  data: TrainingData,
  keeper: Keeper<RunState>,
): Promise<Trained> {
  expectImages(data)
  const seed = trainingSeed(configuration, params)
  const size = { imageSize: params.image.size, classCount: data.classes.length }
  const network = await buildNetwork(configuration, { ...size, seed })
  const phases = phasesOf(configuration, params, network, data)
  tellUnusedAugment(configuration, params)
  const report = openRunReport(configuration, phases.length > 1)
  const { classes } = data
  const fitPhase = (job: PhaseJob, earlier: readonly HistoryRow[]) =>
    report.duringPhase(job, earlier, (listener) => fit({ ...job, classes, seed, listener }))
  const fitted = fitPhases(phases, { model: network.model, keeper, fitPhase })
  const { history, bestEpoch, graph } = await fitted.finally(() => report.close())
  const card = cardOf(configuration, params, data, { epochs: history.length, bestEpoch })
  return { model: network.model, card, graph, history, inputStallSeconds: report.inputStallSeconds() }
}

/** Nothing is drawn anew for features, and whoever asked for that is told. */
function tellUnusedAugment({ name, entry }: Configuration, { augment }: TrainStageParams): void {
  if (entry.mode !== 'transfer' || onlineAugment(augment) === undefined) return
  console.error(`train@${name}: augment.online does nothing for transfer, which trains on features`)
}
