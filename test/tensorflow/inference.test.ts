import type { Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { seededRng, uniform } from '../../src/core/random.ts'
import { foldBatchNorms } from '../../src/tensorflow/fold.ts'
import { layerGraphOf, setWeights, weightsOf } from '../../src/tensorflow/graph.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { brightnessImages, SIDE, smallNetwork } from '../support/small-network.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const { values, labels } = brightnessImages(8, seededRng(1, 'images'))
const inputShape = [SIDE, SIDE, 3]

/** The small network with weights, statistics too, that are none of the neutral initial ones. */
function model(): tf.LayersModel {
  const network = smallNetwork()
  const rng = seededRng(2, 'weights')
  const drawn = [...weightsOf(network)].map(([name, old]) => [name, old.map(() => uniform(rng, 0.1, 0.9))] as const)
  setWeights(network, new Map(drawn))
  return network
}

function stockPrediction(network: tf.LayersModel): Float32Array {
  return tf.tidy(() => {
    const pixels = tf.tensor4d(Float32Array.from(values), [labels.length, SIDE, SIDE, 3])
    return (network.predict(pixels) as Tensor).dataSync<'float32'>().slice()
  })
}

function ourPrediction(network: tf.LayersModel, engine: 'compiled' | 'eager'): Float32Array {
  const inference = openInference({ graph: layerGraphOf(network), weights: weightsOf(network) }, { inputShape, engine })
  try {
    return inference.run(values, labels.length)
  } finally {
    inference.dispose()
  }
}

describe('openInference', () => {
  it.each(['compiled', 'eager'] as const)('predicts what stock TensorFlow.js predicts, %s', (engine) => {
    const network = model()
    const theirs = stockPrediction(network)
    ourPrediction(network, engine).forEach((value, i) => {
      expect(value).toBeCloseTo(theirs[i] as number, 5)
    })
    network.dispose()
  })

  it.each(['compiled', 'eager'] as const)('predicts the same of fewer inputs after more, %s', (engine) => {
    const network = model()
    const theirs = stockPrediction(network)
    const frozen = { graph: layerGraphOf(network), weights: weightsOf(network) }
    const inference = openInference(frozen, { inputShape, engine })
    inference.run(values, labels.length)
    const three = inference.run(values.subarray(0, 3 * SIDE * SIDE * 3), 3)
    expect(three).toHaveLength((3 * theirs.length) / labels.length)
    three.forEach((value, i) => {
      expect(value).toBeCloseTo(theirs[i] as number, 5)
    })
    inference.dispose()
    network.dispose()
  })

  it('keeps no tensors', async () => {
    const network = model()
    await expectTensorsKept(0, () => void ourPrediction(network, 'compiled'))
    network.dispose()
  })
})

describe('foldBatchNorms', () => {
  it('leaves no batch norm after a convolution, and gives the convolution a bias', () => {
    const network = model()
    const { graph, weights } = foldBatchNorms({ graph: layerGraphOf(network), weights: weightsOf(network) })
    expect(graph.map((layer) => layer.className)).not.toContain('BatchNormalization')
    expect(graph.find((layer) => layer.name === 'relu')?.inputs).toEqual(['depthwise'])
    expect(weights.get('depthwise/bias')).toHaveLength(4)
    network.dispose()
  })
})

describe('setWeights', () => {
  it('gives back what weightsOf took, and leaves what is not named', () => {
    const network = model()
    const before = weightsOf(network)
    setWeights(network, new Map([['classification/bias', Float32Array.of(7, 8, 9)]]))
    const after = weightsOf(network)
    expect([...(after.get('classification/bias') ?? [])]).toEqual([7, 8, 9])
    expect(after.get('conv/kernel')).toEqual(before.get('conv/kernel'))
    network.dispose()
  })
})
