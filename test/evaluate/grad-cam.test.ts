import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openGradCam } from '../../src/evaluate/grad-cam.ts'
import { layerGraphOf, setWeights, weightsOf } from '../../src/tensorflow/graph.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { drawn } from '../support/keras.ts'
import { expectTensorsKept } from '../support/tensors.ts'

/** What test/fixtures/grad-cam.py found. */
interface Golden {
  readonly classes: readonly number[]
  readonly shape: readonly number[]
  readonly maps: readonly number[]
}
const golden: Readonly<Record<'pooled' | 'flattened', readonly Golden[]>> = JSON.parse(
  readFileSync('test/fixtures/grad-cam.json', 'utf8'),
)

const IMAGES = 4
const SIDE = 12
const CLASSES = 3
const INPUT = [SIDE, SIDE, 3]
const pixels = Uint8Array.from(drawn([IMAGES, ...INPUT], 77), (value) => Math.floor(255 * (value + 0.5)))

const { conv2d, depthwiseConv2d, batchNormalization, reLU, globalAveragePooling2d, dense, maxPooling2d, flatten } =
  tf.layers
const classification = () => dense({ units: CLASSES, activation: 'softmax', name: 'classification' })
/** The networks of the script. */
const NETWORKS = {
  pooled: () => [
    conv2d({ filters: 5, kernelSize: 3, activation: 'relu', name: 'conv' }),
    depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same', useBias: false, name: 'depthwise' }),
    batchNormalization({ epsilon: 1e-3, name: 'norm' }),
    reLU({ maxValue: 6, name: 'relu' }),
    globalAveragePooling2d({ name: 'average' }),
    classification(),
  ],
  flattened: () => [
    conv2d({ filters: 4, kernelSize: 3, activation: 'relu', name: 'conv' }),
    maxPooling2d({ poolSize: 2, name: 'pool' }),
    conv2d({ filters: 6, kernelSize: 3, activation: 'relu', name: 'conv_1' }),
    flatten({ name: 'flatten' }),
    dense({ units: 8, activation: 'relu', name: 'dense' }),
    classification(),
  ],
}

/** A network of the script with its weights. */
function frozen(kind: keyof typeof NETWORKS) {
  const first = tf.layers.rescaling({ scale: 1 / 127.5, offset: -1, name: 'rescaling', inputShape: INPUT })
  const model = tf.sequential({ layers: [first, ...NETWORKS[kind]()] })
  const graph = layerGraphOf(model)
  const specs = graph.flatMap((layer) => layer.weights)
  const weights = specs.map(({ name, role, shape }, place) => {
    const around = ['gamma', 'beta', 'moving_variance'].includes(role) ? 1 : 0
    return [name, Float32Array.from(drawn(shape, place + 1), (value) => value + around)] as const
  })
  setWeights(model, new Map(weights))
  const given = { graph, weights: weightsOf(model) }
  model.dispose()
  return given
}

function heatMaps(kind: keyof typeof NETWORKS, targets: readonly (readonly number[])[]) {
  const cam = openGradCam(frozen(kind), INPUT)
  try {
    return cam.run(pixels, IMAGES, targets)
  } finally {
    cam.dispose()
  }
}

describe('openGradCam', () => {
  it.each(['pooled', 'flattened'] as const)('gives the heat maps of Keras, where the last layers are %s', (kind) => {
    const expected = golden[kind]
    const found = heatMaps(
      kind,
      expected.map(({ classes }) => classes),
    )
    expected.forEach(({ shape, maps }, place) => {
      expect([IMAGES, found[place]?.height, found[place]?.width]).toEqual(shape)
      maps.forEach((value, i) => {
        expect(found[place]?.values[i]).toBeCloseTo(value, 5)
      })
    })
    expect(expected.flatMap(({ maps }) => maps).filter((value) => value > 0.001).length).toBeGreaterThan(20)
  })

  it('gives a map of zeros where nothing speaks for the class', () => {
    const { graph, weights } = frozen('pooled')
    const name = 'classification/kernel'
    const against = new Map(weights).set(name, new Float32Array(weights.get(name)?.length ?? 0).fill(-1))
    const cam = openGradCam({ graph, weights: against }, INPUT)
    expect(Math.max(...(cam.run(pixels, IMAGES, [[0, 1, 2, 0]])[0]?.values ?? [1]))).toBe(0)
    cam.dispose()
  })

  it('leaves no tensor behind', async () => {
    await expectTensorsKept(0, () => heatMaps('pooled', [[0, 1, 2, 0]]))
    const cam = openGradCam(frozen('flattened'), INPUT)
    await expectTensorsKept(0, () => cam.run(pixels, IMAGES, [[0, 1, 2, 0]]))
    cam.dispose()
  })
})
