import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseParams } from '../../src/config/load.ts'
import type { ModelEntry } from '../../src/config/schema.ts'
import { variants } from '../../src/models/efficientnet.ts'
import type { Network } from '../../src/models/network.ts'
import { buildNetwork } from '../../src/models/registry.ts'
import { forward } from '../../src/tensorflow/forward.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import { graphUpTo, layerGraphOf, setWeights, weightsOf } from '../../src/tensorflow/layer-graph.ts'
import { tf } from '../../src/tensorflow/runtime.ts'
import { PARITY_CLASSES, PARITY_SIDE, parity, parityPictures, parityWeight, writeKerasFile } from '../support/parity.ts'

const ARCHITECTURES = {
  resnet50: { architecture: 'resnet' },
  efficientnetb0: { architecture: 'efficientnet', variant: 'b0' },
} as const
const HEAD = 'classification'

const { train } = parseParams(await readFile('profiles/sample.yaml', 'utf8'))

describe.each(parity.cases)('$name with weights of the official layout', (golden) => {
  let folder = ''
  let network: Network

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paddock-parity-'))
    const path = join(folder, `${golden.name}.h5`)
    await writeKerasFile(path, golden)
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    const entry: ModelEntry = { ...ARCHITECTURES[golden.name], mode: 'transfer', weights: { path, sha256 } }
    const options = { imageSize: PARITY_SIDE, classCount: PARITY_CLASSES, seed: 1 }
    network = await buildNetwork({ name: 'net', entry, train }, options)
    setWeights(network.model, headOf(network))
  })
  afterAll(async () => {
    network.model.dispose()
    await rm(folder, { recursive: true })
  })

  it('has the official file of Keras', () => {
    expect(network.pretrained).toMatchObject(golden.file)
  })

  it("gives Keras's features", () => {
    const { values, count } = parityPictures()
    const { model, features } = network
    const backbone = { graph: graphUpTo(layerGraphOf(model), features), weights: weightsOf(model) }
    const inference = openInference(backbone, { inputShape: [PARITY_SIDE, PARITY_SIDE, 3], engine: 'compiled' })
    const found = inference.run(values, count)
    inference.dispose()
    const width = found.length / count
    const rows = [...Array(count).keys()].map((row) => found.subarray(row * width, (row + 1) * width))
    const { first, sums, greatest } = golden.features
    const firsts = rows.flatMap((row) => [...row.subarray(0, first.length / count)])
    expect(distance(firsts, first)).toBeLessThan(1e-4 * greatest)
    const ourSums = rows.map((row) => row.reduce((sum, value) => sum + value, 0))
    expect(distance(ourSums, sums)).toBeLessThan(1e-4 * Math.max(...sums))
    expect(distance([Math.max(...found.map(Math.abs))], [greatest])).toBeLessThan(1e-4 * greatest)
  })

  it("gives Keras's logits", () => {
    const graph = layerGraphOf(network.model)
    const specs = new Map(graph.flatMap(({ weights }) => weights).map((spec) => [spec.name, spec]))
    const weights = weightsOf(network.model)
    const logits = tf.tidy(() => {
      const weight = (name: string) => tf.tensor(weights.get(name) ?? [], [...(specs.get(name)?.shape ?? [])])
      return [...forward(graph, pixels(), { weight, training: false, asLogits: true }).dataSync()]
    })
    expect(distance(logits, golden.logits)).toBeLessThan(1e-4 * Math.max(...golden.logits.map(Math.abs)))
  })

  it("has in every layer Keras's mean and greatest value", () => {
    const names = network.model.layers.map(({ name }) => name).filter((name) => !['image', HEAD].includes(name))
    const outputs = names.map((name) => layerOutput(network, name))
    const found = tf.tidy(() => {
      const all = tf.model({ inputs: network.model.inputs, outputs }).predict(pixels()) as tf.Tensor[]
      return all.map((output) => [
        output.mean().dataSync()[0] ?? Number.NaN,
        output.abs().max().dataSync()[0] ?? Number.NaN,
      ])
    })
    const faults = names.filter((name, place) => {
      const expected = golden.outputs[name]
      return !(expected && distance(found[place] ?? [], expected) < 1e-3 * expected[1])
    })
    expect(faults).toEqual([])
  })
})

describe('variants of EfficientNet', () => {
  it('have the MD5 of the official file that Keras has', () => {
    const expected = Object.entries(parity.addresses).map(([name, { md5 }]) => [name, md5])
    expect(Object.entries(variants).map(([name, { md5 }]) => [`efficientnet${name}`, md5])).toEqual(expected)
  })
})

/** Weights for the layer after the features. */
function headOf({ model }: Network): Map<string, Float32Array> {
  const units = Number(model.getLayer(HEAD).getWeights()[0]?.shape[0])
  const shapes = { kernel: [units, PARITY_CLASSES], bias: [PARITY_CLASSES] }
  return new Map(
    Object.entries(shapes).map(([role, shape]) => [`${HEAD}/${role}`, parityWeight(`${HEAD}/${role}:0`, shape, 1)]),
  )
}

function layerOutput({ model }: Network, name: string): tf.SymbolicTensor {
  return model.getLayer(name).output as tf.SymbolicTensor
}

function pixels(): tf.Tensor {
  const { values, count } = parityPictures()
  return tf.tensor(Float32Array.from(values), [count, PARITY_SIDE, PARITY_SIDE, 3])
}

/** The greatest distance between two numbers in the same place; NaN where there are not as many. */
function distance(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Number.NaN
  return Math.max(...found.map((value, place) => Math.abs(value - (expected[place] ?? Number.NaN))))
}
