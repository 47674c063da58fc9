import { scoreValidation } from '../network/predict.ts'
import type { PartScores } from '../scores/scores.ts'
import { openLiveInference } from '../tensorflow/inference.ts'
import { type Optimizer, openOptimizer } from '../tensorflow/optimizers.ts'
import {
  createVariables,
  disposeVariable,
  saveVariable,
  type Variable,
  writeVariable,
} from '../tensorflow/variables.ts'
import type { Arrays } from './checkpoint.ts'
import { classWeightsOf } from './class-weights.ts'
import type { FitJob } from './job.ts'
import { openStep, type TrainingStep } from './step.ts'

/** What lives on the device while a network is trained: weights, slots, the step and the scoring of validation. */
export interface Session {
  readonly optimizer: Optimizer
  readonly step: TrainingStep
  validate(): Promise<PartScores>
  /** The weights that a model would be saved with, by name: averaged ones, where they are averaged. */
  saveWeights(): Map<string, Float32Array>
  /** Everything that the next step depends on, by name. */
  save(): Map<string, Float32Array>
  /** Puts back what `save` gave. */
  restore(arrays: Arrays): void
  close(): void
}

/** What of a job a session needs. */
type SessionJob = Pick<
  FitJob,
  'graph' | 'weights' | 'training' | 'validation' | 'classes' | 'params' | 'augment' | 'seed'
>

/** Owns one copy of the weights and of the optimizer's slots until it is closed. */
export function openSession(job: SessionJob): Session {
  const { graph, weights, training, validation, classes, params, augment, seed } = job
  const variables = createVariables(graph, weights)
  const specs = graph.flatMap((layer) => layer.weights)
  const trainable = specs.filter((spec) => spec.trainable).map((spec) => variables.get(spec.name) as Variable)
  const optimizer = openOptimizer(params, trainable)
  const { inputShape } = training
  const { engine } = params
  const labels = training.labels.subarray(0, training.count)
  const loss = { ...params, classWeights: classWeightsOf(params.classWeights, labels, classes.length) }
  const { l2, batchNormMomentum } = params
  const step = openStep({
    graph,
    variables,
    trainable,
    optimizer,
    inputShape,
    loss,
    l2,
    batchNormMomentum,
    seed,
    augment,
    engine,
  })
  const shown = new Map([...variables, ...optimizer.averages])
  const inference = openLiveInference(graph, shown, { inputShape, engine, batchSizeKey: 'train.inferenceBatchSize' })
  const all = [...variables.values(), ...optimizer.slots]
  return {
    optimizer,
    step,
    validate: () => scoreValidation(inference, { examples: validation, classes, batchSize: params.inferenceBatchSize }),
    saveWeights: () => new Map([...shown].map(([name, variable]) => [name, saveVariable(variable)])),
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
