import type { Examples } from '../batches/batches.ts'
import { scoreValidation } from '../network/predict.ts'
import type { PhaseName } from '../scores/history.ts'
import type { PartScores } from '../scores/scores.ts'
import type { LayerGraph } from '../tensorflow/graph.ts'
import { openLiveInference } from '../tensorflow/inference.ts'
import { type Optimizer, openOptimizer } from '../tensorflow/optimizers.ts'
import { createVariables, disposeVariable, saveVariable, trainableOf, writeVariable } from '../tensorflow/variables.ts'
import type { Arrays } from './checkpoint.ts'
import { classWeightsOf } from './class-balance.ts'
import type { OnlineAugment, TrainParams } from './params.ts'
import { openStep, type TrainingStep } from './step.ts'

/** What one phase trains, on what, and how. */
export interface TrainingJob {
  readonly phase: PhaseName
  readonly graph: LayerGraph
  /** Initial weights, by name. */
  readonly weights: Arrays
  readonly training: Examples
  readonly validation: Examples
  /** In the order of the outputs. */
  readonly classes: readonly string[]
  readonly params: TrainParams
  /** Augmentation drawn for each step; features have none. */
  readonly augment?: OnlineAugment | undefined
  readonly seed: number
}

/** What a training has on the device: weights, slots, the compiled step and the inference for validation. */
export interface Session {
  readonly optimizer: Optimizer
  readonly step: TrainingStep
  validate(): Promise<PartScores>
  /** The weights that a model would be saved with, by name: averages, where `ema` keeps them. */
  saveWeights(): Map<string, Float32Array>
  /** Everything that the next step depends on, by name. */
  save(): Map<string, Float32Array>
  /** Restores what `save` gave. */
  restore(arrays: Arrays): void
  close(): void
}

/** Owns one copy of the weights and of the optimizer's slots until it is closed. */
export function openSession(job: Omit<TrainingJob, 'phase'>): Session {
  const { graph, training, validation, classes, params } = job
  const variables = createVariables(graph, job.weights)
  const trainable = trainableOf(graph, variables)
  const optimizer = openOptimizer(params, trainable)
  const { inputShape } = training
  const labels = training.labels.subarray(0, training.count)
  const classWeights = classWeightsOf(params.classWeights, labels, classes.length)
  const step = openStep({
    graph,
    variables,
    trainable,
    optimizer,
    inputShape,
    params: { ...params, classWeights },
    augment: job.augment,
    seed: job.seed,
  })
  const validated = new Map([...variables, ...optimizer.averages])
  const { engine, inferenceBatchSize: batchSize } = params
  const inference = openLiveInference(graph, validated, {
    inputShape,
    engine,
    batchSizeKey: 'train.inferenceBatchSize',
  })
  const all = [...variables.values(), ...optimizer.slots]
  return {
    optimizer,
    step,
    validate: () => scoreValidation(inference, { examples: validation, classes, batchSize }),
    saveWeights: () => new Map([...validated].map(([name, variable]) => [name, saveVariable(variable)])),
    save: () => new Map(all.map((variable) => [variable.name, saveVariable(variable)])),
    restore: (arrays) => {
      for (const variable of all) writeVariable(variable, arrays.get(variable.name) ?? new Float32Array(0))
    },
    close: () => {
      step.dispose()
      inference.dispose()
      for (const variable of all) disposeVariable(variable)
    },
  }
}
