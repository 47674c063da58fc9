import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { headOf, WHOLE } from '../../bench/parity/networks.ts'
import { takeStep } from '../../bench/parity/step.ts'
import { compareSummaries, summaryRows } from '../../bench/parity/summary.ts'
import { parseParams } from '../../src/command-line/params.ts'
import { fromKeras, layerOf } from '../../src/network/assign.ts'
import type { Network } from '../../src/network/network.ts'
import { buildNetwork } from '../../src/network/registry.ts'
import { forward, graphUpTo, layerGraphOf, setWeights, weightsOf } from '../../src/tensorflow/graph.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import type { ModelEntry } from '../../src/train/params.ts'
import {
  PARITY_CLASSES,
  PARITY_SIDE,
  PARITY_STEP_IMAGES,
  type ParityCase,
  parity,
  parityImages,
  samplesOf,
  writeKerasFile,
} from './parity.ts'
import { temporaryFolder } from './temporary-folder.ts'

const ARCHITECTURES = {
  resnet50: { architecture: 'resnet' },
  efficientnetb0: { architecture: 'efficientnet', variant: 'b0' },
  'efficientnetv2-b0': { architecture: 'efficientnetv2', variant: 'b0' },
  convnext_tiny: { architecture: 'convnext', variant: 'tiny' },
} as const
const HEAD = 'classification'
/**
 * Rounding decides whether a ReLU lets a number about 0 through, and a few of them move ResNet50's gradients by percents, in
 * Keras too (float32 beside float64: 1e-2). `npm run parity` has them decided alike, and finds 2e-4.
 */
const GRADIENT_BOUND = { resnet50: 0.1, efficientnetb0: 1e-3, 'efficientnetv2-b0': 1e-3, convnext_tiny: 1e-3 }

const { train } = parseParams(await readFile('profiles/sample.yaml', 'utf8'))

/** The tests of one network beside Keras, on a file of weights in the official layout. */
export function describeParity(name: ParityCase['name']): void {
  const golden = parity.cases.find((each) => each.name === name) as ParityCase
  describe(`${name} with weights of the official layout`, () => {
    const folder = temporaryFolder({ per: 'file' })
    let network: Network

    beforeAll(async () => {
      const path = join(folder.path, `${golden.name}.h5`)
      await writeKerasFile(path, golden)
      const sha256 = createHash('sha256')
        .update(await readFile(path))
        .digest('hex')
      const entry: ModelEntry = {
        ...ARCHITECTURES[golden.name],
        mode: 'fine-tune',
        fineTune: WHOLE,
        weights: { path, sha256 },
      }
      const options = { imageSize: PARITY_SIDE, classCount: PARITY_CLASSES, seed: 1 }
      network = await buildNetwork({ name: 'net', entry, train }, options)
      setWeights(network.model, headOf(network))
    })
    afterAll(async () => {
      network.model.dispose()
    })

    it('has the official file of Keras', () => {
      expect(network.pretrained).toMatchObject(golden.file)
    })

    it("gives Keras's features", () => {
      const { values, count } = parityImages()
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
      expect(distance(ourSums, sums)).toBeLessThan(1e-4 * Math.max(...sums.map(Math.abs)))
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

    it("takes Keras's training step: loss, every gradient, every running statistic", () => {
      const batch = {
        values: parityImages(PARITY_STEP_IMAGES).values,
        labels: Int32Array.from({ length: PARITY_STEP_IMAGES }, (_, place) => place % PARITY_CLASSES),
      }
      const found = takeStep(network.model, batch, PARITY_SIDE)
      const { loss, gradients, statistics } = golden.step
      expect(Math.abs(found.loss - loss)).toBeLessThan(1e-4 * loss)
      // What a batch norm takes away again has a gradient of rounding errors alone, so a layer has one measure.
      const greatest = new Map<string, number>()
      for (const [name, [largest = 0]] of Object.entries(gradients)) {
        greatest.set(layerOf(name), Math.max(greatest.get(layerOf(name)) ?? 0, largest))
      }
      const scale = (name: string) => GRADIENT_BOUND[golden.name] * (greatest.get(layerOf(name)) ?? Number.NaN)
      expect(beyond(found.gradients, gradients, scale)).toEqual([])
      expect(beyond(found.statistics, statistics, (_, [largest = 0]) => 1e-5 * largest)).toEqual([])
    })

    it("prints the lines of Keras's summary", () => {
      const ours = summaryRows(network.model)
      expect(compareSummaries(ours, golden.summary)).toMatchObject({ difference: 0, place: '' })
      expect(compareSummaries(ours, golden.summary.slice(0, -1)).difference).toBe(1)
    })

    /** Tensors whose samples are not within a bound of Keras's, or that only one side has. */
    function beyond(
      found: ReadonlyMap<string, Float32Array>,
      expected: Readonly<Record<string, readonly number[]>>,
      boundOf: (name: string, samples: readonly number[]) => number,
    ): string[] {
      const tensors = new Map([...found].map(([name, values]) => [name, { shape: shapeOf(name), values }]))
      const values = fromKeras(network, tensors) // reverses the channels of the first kernel, either way
      const named = new Map(Object.keys(expected).map((name) => [name, { shape: [], values: new Float32Array() }]))
      const theirNames = new Map(
        [...fromKeras(network, named).keys()].map((name, place) => [name, Object.keys(expected)[place] ?? '']),
      )
      return [...new Set([...found.keys(), ...theirNames.keys()])].filter((name) => {
        const theirs = theirNames.get(name) ?? ''
        const samples = expected[theirs] ?? []
        const ours = samplesOf(theirs, values.get(name)?.values ?? new Float32Array())
        return !(distance(ours, samples) < boundOf(theirs, samples))
      })
    }

    function shapeOf(name: string): number[] {
      const weight = network.model.getLayer(layerOf(name)).weights.find(({ originalName }) => originalName === name)
      return weight?.shape.map(Number) ?? []
    }
  })
}

function layerOutput({ model }: Network, name: string): tf.SymbolicTensor {
  return model.getLayer(name).output as tf.SymbolicTensor
}

function pixels(): tf.Tensor {
  const { values, count } = parityImages()
  return tf.tensor(Float32Array.from(values), [count, PARITY_SIDE, PARITY_SIDE, 3])
}

/** The greatest distance between two numbers in the same place; NaN where there are not as many. */
function distance(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Number.NaN
  return Math.max(...found.map((value, place) => Math.abs(value - (expected[place] ?? Number.NaN))))
}
