import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { forward, keepStatistics, layerGraphOf } from '../../src/tensorflow/graph.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { drawn, keras } from '../support/keras.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const SHAPE = [4, 3, 3, 2]
/** How many values of a channel a batch has. */
const SEEN = 36

type Case = (typeof keras.batchNorms)[number]
type Kind = Pick<Case, 'scale' | 'center' | 'trainable'> & { readonly keeps?: boolean }

/** A network of one batch norm, and its first weights as in the script. */
function openLayer({ scale, center, trainable, keeps = false }: Kind) {
  const layer = tf.layers.batchNormalization({ scale, center, momentum: 0.9, name: 'norm', inputShape: SHAPE.slice(1) })
  const network = tf.sequential({ layers: [layer] })
  layer.trainable = trainable
  const graph = keeps ? keepStatistics(layerGraphOf(network)) : layerGraphOf(network)
  network.dispose()
  const first = graph
    .flatMap((node) => node.weights)
    .map(({ name, role }) => {
      const middle = role === 'gamma' || role === 'moving_variance' ? 1 : 0
      return [name, drawn([2], role.length).map((value) => value + middle)] as const
    })
  return { graph, weights: new Map<string, number[]>(first) }
}

/** Output of the first batch, gradients of Σ weight · output, and the running statistics after three batches. */
function train(kind: Kind): Pick<Case, 'output' | 'gradients' | 'mean' | 'variance'> {
  return tf.tidy(() => {
    const { graph, weights } = openLayer(kind)
    const run = (x: Tensor, learned: ReadonlyMap<string, Tensor> = new Map()) =>
      forward(graph, x, {
        weight: (name) => learned.get(name) ?? tf.tensor1d(weights.get(name) ?? []),
        training: true,
        asLogits: false,
        updateStatistic: (name, value) => weights.set(name, valuesOf(value)),
      })
    const [first, ...later] = [0, 1, 2].map((seed) => tf.tensor(drawn(SHAPE, seed), SHAPE).mul(4).add(seed))
    const learned = [...weights.keys()].filter((name) => !name.includes('moving'))
    let output: number[] = []
    const loss = (x: Tensor, ...values: Tensor[]): Scalar => {
      const y = run(x, new Map(learned.map((name, i) => [name, values[i] as Tensor])))
      output = valuesOf(y)
      return tf.sum(tf.mul(y, tf.tensor(drawn(SHAPE, 7), SHAPE)))
    }
    const inputs = [first as Tensor, ...learned.map((name) => tf.tensor1d(weights.get(name) ?? []))]
    const { grads } = tf.valueAndGrads(loss)(inputs)
    for (const batch of later) run(batch)
    const names = ['x', ...learned.map((name) => name.replace('norm/', ''))]
    return {
      output,
      gradients: Object.fromEntries(grads.map((gradient, i) => [names[i], valuesOf(gradient)])),
      mean: weights.get('norm/moving_mean') ?? [],
      variance: weights.get('norm/moving_variance') ?? [],
    }
  })
}

function valuesOf(tensor: Tensor): number[] {
  return [...tensor.dataSync<'float32'>()]
}

function expectClose(ours: readonly number[], theirs: readonly number[], digits: number): void {
  expect(ours).toHaveLength(theirs.length)
  ours.forEach((value, i) => {
    expect(value).toBeCloseTo(theirs[i] as number, digits)
  })
}

describe.each(keras.batchNorms)('batch norm: scale $scale, center $center, trainable $trainable', (golden) => {
  it('gives the output and the gradients of Keras in training', () => {
    const { output, gradients } = train(golden)
    expectClose(output, golden.output, 5)
    expect(Object.keys(gradients)).toEqual(Object.keys(golden.gradients))
    for (const [name, theirs] of Object.entries(golden.gradients)) expectClose(gradients[name] ?? [], theirs, 5)
  })

  it('has the running statistics of Keras 2 after three batches, and the mean of Keras 3', () => {
    const { mean, variance } = train(golden)
    expectClose(mean, golden.mean, 6)
    expectClose(variance, golden.variance, 6)
    expectClose(mean, golden.keras3.mean, 6)
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => void train(golden))
  })
})

describe('batch norm that is frozen', () => {
  it('has the running statistics that it started with', () => {
    const { weights } = openLayer({ scale: true, center: true, trainable: false })
    const { mean, variance } = train({ scale: true, center: true, trainable: false })
    expect(mean).toEqual(weights.get('norm/moving_mean'))
    expect(variance).toEqual(weights.get('norm/moving_variance'))
  })
})

describe.each(keras.batchNorms.filter(({ trainable }) => !trainable))(
  'batch norm that keeps its statistics while it is trained: scale $scale, center $center',
  (golden) => {
    const kind = { ...golden, trainable: true, keeps: true }

    it('gives the output and the gradients of one that Keras has frozen', () => {
      const { output, gradients } = train(kind)
      expectClose(output, golden.output, 5)
      for (const [name, theirs] of Object.entries(golden.gradients)) expectClose(gradients[name] ?? [], theirs, 5)
    })

    it('learns gamma and beta, and has the running statistics that it started with', () => {
      const { graph, weights } = openLayer(kind)
      const { mean, variance } = train(kind)
      expect(mean).toEqual(weights.get('norm/moving_mean'))
      expect(variance).toEqual(weights.get('norm/moving_variance'))
      const learned = graph.flatMap((layer) => layer.weights).filter(({ trainable }) => trainable)
      expect(learned.map(({ role }) => role)).toEqual(golden.scale ? ['gamma', 'beta'] : [])
    })
  },
)

describe('the running variance', () => {
  it.each(keras.batchNorms.filter(({ trainable }) => trainable))(
    'moves by n / (n − 1) times what Keras 3 moves it by',
    (golden) => {
      const first = openLayer(golden).weights.get('norm/moving_variance') ?? []
      const { variance } = train(golden)
      variance.forEach((value, c) => {
        const kept = 0.9 ** 3 * (first[c] ?? Number.NaN)
        const theirs = (golden.keras3.variance[c] ?? Number.NaN) - kept
        expect((value - kept) / theirs).toBeCloseTo(SEEN / (SEEN - 1), 4)
      })
    },
  )
})
