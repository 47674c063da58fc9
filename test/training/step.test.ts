import { describe, expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import { layerGraphOf, weightsOf } from '../../src/tensorflow/layer-graph.ts'
import { type OptimizerName, optimizers } from '../../src/tensorflow/optimizers.ts'
import { createVariables, disposeVariable, saveVariable, type Variable } from '../../src/tensorflow/variables.ts'
import { openStep } from '../../src/training/step.ts'
import { brightnessPictures, SIDE, smallNetwork } from '../support/small-network.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const batches = [8, 8, 5].map((count, i) => brightnessPictures(count, seededRng(i, 'batch')))

interface Run {
  readonly losses: readonly number[]
  readonly correct: readonly number[]
  readonly weights: ReadonlyMap<string, Float32Array>
}

/** Trains the small network for some steps, over batches of two sizes. */
function run(
  engine: 'compiled' | 'eager',
  optimizerName: OptimizerName,
  { steps = 12, l2 = 0.001, seed = 1, frozen = '' } = {},
): Run {
  const network = smallNetwork()
  for (const layer of network.layers) layer.trainable = layer.name !== frozen
  const graph = layerGraphOf(network)
  const variables = createVariables(graph, weightsOf(network))
  const trainable = graph.flatMap((layer) => layer.weights).filter((weight) => weight.trainable)
  const optimizer = optimizers[optimizerName](trainable.map(({ name }) => variables.get(name) as Variable))
  const inputShape = [SIDE, SIDE, 3]
  const parts = { graph, variables, trainable: trainable.map(({ name }) => variables.get(name) as Variable), optimizer }
  const step = openStep({ ...parts, inputShape, classCount: 3, l2, seed, engine })
  const metrics = Array.from({ length: steps }, (_, i) => {
    const batch = batches[i % batches.length]
    if (!batch) throw new Error('no batch')
    const output = step.take(batch, i + 1, optimizer.numbers(i + 1, 0.01))
    const [loss = Number.NaN, correct = Number.NaN] = output.dataSync()
    output.dispose()
    return { loss, correct }
  })
  const weights = new Map([...variables].map(([name, variable]) => [name, saveVariable(variable)]))
  step.dispose()
  for (const variable of [...variables.values(), ...optimizer.slots]) disposeVariable(variable)
  network.dispose()
  return { losses: metrics.map(({ loss }) => loss), correct: metrics.map(({ correct }) => correct), weights }
}

describe('openStep', () => {
  it.each(['adam', 'sgd'] as const)('gives the same numbers compiled as op by op, with %s', (optimizer) => {
    const [compiled, eager] = [run('compiled', optimizer), run('eager', optimizer)]
    compiled.losses.forEach((loss, i) => {
      expect(loss).toBeCloseTo(eager.losses[i] as number, 4)
    })
    for (const [name, values] of compiled.weights) {
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(eager.weights.get(name)?.[i] as number, 3)
      })
    }
  })

  it('gives the same bits for the same seed, and others for another one', () => {
    expect(run('compiled', 'adam')).toEqual(run('compiled', 'adam'))
    expect(run('compiled', 'adam', { seed: 2 }).losses).not.toEqual(run('compiled', 'adam').losses)
  })

  it('learns, and counts the right answers', () => {
    const { losses, correct } = run('compiled', 'adam', { steps: 90, l2: 0 })
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 2)
    expect(correct.at(-1)).toBeGreaterThanOrEqual(4) // of the 5 pictures of the last batch
  })

  it('leaves a frozen batch norm alone, its running statistics too', () => {
    const before = weightsOf(smallNetwork())
    const { weights } = run('compiled', 'adam', { frozen: 'norm' })
    for (const role of ['gamma', 'beta', 'moving_mean', 'moving_variance']) {
      expect(weights.get(`norm/${role}`)).toEqual(before.get(`norm/${role}`))
    }
    expect(weights.get('conv/kernel')).not.toEqual(before.get('conv/kernel'))
  })

  it('adds l2 times the sum of the squared kernels to the loss', () => {
    const kernels = [...weightsOf(smallNetwork())].filter(([name]) => name.endsWith('kernel'))
    const squares = kernels.reduce((sum, [, values]) => sum + values.reduce((all, value) => all + value ** 2, 0), 0)
    const [plain, penalised] = [run('eager', 'sgd', { steps: 1, l2: 0 }), run('eager', 'sgd', { steps: 1, l2: 0.01 })]
    expect((penalised.losses[0] as number) - (plain.losses[0] as number)).toBeCloseTo(0.01 * squares, 4)
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => void run('compiled', 'adam'))
    await expectTensorsKept(0, () => void run('eager', 'sgd'))
  })
})
