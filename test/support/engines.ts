import { setImmediate } from 'node:timers/promises'
import { seededRng } from '../../src/core/random.ts'
import type { Network } from '../../src/network/network.ts'
import { layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import { openOptimizer } from '../../src/tensorflow/optimizers.ts'
import { createVariables, disposeVariable, saveVariable, trainableOf } from '../../src/tensorflow/variables.ts'
import type { TrainParams } from '../../src/train/params.ts'
import { openStep } from '../../src/train/step.ts'
import { trainParams } from './train-params.ts'

/** Plain gradient descent, whose step is as exact as the gradient: Adam's first step depends on the sign of rounding errors too. */
const SGD = trainParams({ optimizer: 'sgd', momentum: 0, weightDecay: 0, labelSmoothing: 0.1, l2: 0.001 })
const BATCH = 2

/** The result of one step: the loss, and how far each weight moved. */
interface Step {
  readonly loss: number
  readonly moves: ReadonlyMap<string, Float32Array>
}

/**
 * How far the compiled step is from the one that runs op by op, for two noisy images of a side: of the losses, and of the
 * moves of all weights together, running statistics too, relative to the moves.
 */
export async function differenceOfEngines({ model }: Network, side: number): Promise<{ loss: number; moves: number }> {
  const compiled = await takeStep(model, side, 'compiled')
  const eager = await takeStep(model, side, 'eager')
  let [apart, moved] = [0, 0]
  for (const [name, values] of eager.moves) {
    const others = compiled.moves.get(name) ?? new Float32Array(0)
    for (const [i, value] of values.entries()) {
      apart += (value - (others[i] ?? Number.NaN)) ** 2
      moved += value ** 2
    }
  }
  return { loss: Math.abs(compiled.loss - eager.loss), moves: Math.sqrt(apart / moved) }
}

async function takeStep(model: Network['model'], side: number, engine: TrainParams['engine']): Promise<Step> {
  const graph = layerGraphOf(model)
  const before = weightsOf(model)
  const variables = createVariables(graph, before)
  const trainable = trainableOf(graph, variables)
  const step = openStep({
    graph,
    variables,
    trainable,
    optimizer: openOptimizer(SGD, trainable),
    inputShape: [side, side, 3],
    params: { ...SGD, classWeights: null, engine },
    seed: 1,
  })
  const rng = seededRng(1, 'noise')
  const values = Uint8Array.from({ length: BATCH * side * side * 3 }, () => 255 * rng())
  const output = step.take({ values, labels: Int32Array.of(0, 2) }, 1, [0.1])
  const [loss = Number.NaN] = output.dataSync()
  output.dispose()
  await setImmediate() // lets vitest know that the test is alive
  const moves = new Map<string, Float32Array>()
  for (const [name, variable] of variables) {
    const old = before.get(name) ?? new Float32Array(0)
    moves.set(
      name,
      saveVariable(variable).map((value, i) => value - (old[i] ?? Number.NaN)),
    )
    disposeVariable(variable)
  }
  step.dispose()
  await setImmediate()
  return { loss, moves }
}
