import onnxProto from 'onnx-proto'
import * as ort from 'onnxruntime-web'
import { describe, expect, it } from 'vitest'
import { seededRng } from '../../../src/core/random.ts'
import { featuresOf } from '../../../src/network/network.ts'
import type { NetworkEntry } from '../../../src/network/params.ts'
import { rowsOf } from '../../../src/network/predict.ts'
import { buildUntrained } from '../../../src/network/registry.ts'
import { compareAnswers, TOLERANCE } from '../../../src/predict/export/check.ts'
import { encodeOnnx } from '../../../src/predict/export/onnx.ts'
import { atTemperature } from '../../../src/scores/temperature.ts'
import { forward, graphUpTo, type LayerGraph, layerGraphOf, weightsOf } from '../../../src/tensorflow/graph.ts'
import { openInference } from '../../../src/tensorflow/inference.ts'
import { tf } from '../../../src/tensorflow/raw.ts'

const SIZE = 112 // the original network takes no less
const IMAGES = 3
const CLASSES = ['cat', '__proto__', '日本']
const TEMPERATURE = 1.7

const ENTRIES: readonly NetworkEntry[] = [
  { architecture: 'original', mode: 'zero' },
  { architecture: 'mobilenet', mode: 'zero', width: 0.25 },
  { architecture: 'resnet', mode: 'zero' },
  { architecture: 'efficientnet', mode: 'zero', variant: 'b0' },
  { architecture: 'efficientnetv2', mode: 'zero', variant: 'b0' },
  { architecture: 'convnext', mode: 'zero', variant: 'tiny' },
]

/** Sets gamma, beta and biases at random, and the statistics of batch norms to those of these images. */
function settle(graph: LayerGraph, weights: Map<string, Float32Array>, pixels: Uint8Array): void {
  const rng = seededRng(1, 'onnx')
  for (const { name, role } of graph.flatMap((layer) => layer.weights)) {
    // A layer scale of a millionth would hide its block.
    if (['gamma', 'beta', 'bias'].includes(role) || name.includes('_layer_scale/'))
      weights.set(
        name,
        valuesOf(weights, name).map((value) => value + rng() / 2),
      )
  }
  tf.tidy(() => {
    const shapes = new Map(graph.flatMap((layer) => layer.weights.map(({ name, shape }) => [name, [...shape]])))
    forward(graph, tf.tensor(Float32Array.from(pixels), [IMAGES, SIZE, SIZE, 3]), {
      weight: (name) => tf.tensor(valuesOf(weights, name), shapes.get(name)),
      training: true,
      asLogits: true,
      randomness: { seed: 1, step: tf.scalar(1, 'int32') },
      batchNormMomentum: 0,
      updateStatistic: (name, value) => weights.set(name, value.dataSync<'float32'>().slice()),
    })
  })
}

function valuesOf(weights: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  return weights.get(name) ?? new Float32Array(0)
}

/** Between rows in the same place, relative to the greatest value. */
function greatestDifference(rows: readonly number[][], others: readonly number[][]): number {
  const greatest = Math.max(...others.flat().map(Math.abs))
  return (
    Math.max(...rows.flatMap((row, i) => row.map((value, k) => Math.abs(value - (others[i]?.[k] ?? Number.NaN))))) /
    greatest
  )
}

describe('encodeOnnx', () => {
  it.each(ENTRIES)('writes $architecture so that ONNX Runtime answers as the engine does', async (entry) => {
    const configuration = { name: entry.architecture, entry, train: { dropout: 0.2 } }
    const { model } = await buildUntrained(configuration, { imageSize: SIZE, classCount: CLASSES.length, seed: 1 })
    const graph = layerGraphOf(model)
    const weights = weightsOf(model)
    model.dispose()
    const rng = seededRng(1, 'pixels')
    const colors = Array.from({ length: IMAGES * 3 }, () => 192 * rng())
    const colorOf = (i: number) => colors[3 * Math.floor(i / (SIZE * SIZE * 3)) + (i % 3)] ?? 0
    const pixels = Uint8Array.from({ length: IMAGES * SIZE * SIZE * 3 }, (_, i) => colorOf(i) + 64 * rng())
    settle(graph, weights, pixels)
    const features = featuresOf(graph)
    const run = (part: LayerGraph) => {
      const inference = openInference({ graph: part, weights }, { inputShape: [SIZE, SIZE, 3], engine: 'compiled' })
      const rows = rowsOf(inference.run(pixels, IMAGES), IMAGES)
      inference.dispose()
      return rows
    }
    const ours = run(graph).map((row) => atTemperature(row, TEMPERATURE))
    const ourFeatures = run(graphUpTo(graph, features))
    const description = { name: 'test', imageSize: SIZE, classes: CLASSES, temperature: TEMPERATURE, features }
    const file = encodeOnnx({ graph, weights }, { ...description, metadata: { labels: JSON.stringify(CLASSES) } })

    const session = await ort.InferenceSession.create(file)
    const planes = Float32Array.from({ length: pixels.length }, (_, i) => {
      const [image, channel, pixel] = [
        Math.floor(i / (3 * SIZE * SIZE)),
        Math.floor(i / (SIZE * SIZE)) % 3,
        i % (SIZE * SIZE),
      ]
      return pixels[(image * SIZE * SIZE + pixel) * 3 + channel] ?? 0
    })
    const outputs = await session.run({ pixel_values: new ort.Tensor('float32', planes, [IMAGES, 3, SIZE, SIZE]) })
    await session.release()
    const theirs = rowsOf(outputs.probabilities?.data as Float32Array, IMAGES)
    const answers = (rows: readonly number[][]) => rows.map((probabilities) => ({ probabilities, distance: null }))
    const agreement = compareAnswers(answers(ours), answers(theirs))
    expect(agreement).toMatchObject({ images: IMAGES, otherAnswers: 0 })
    expect(agreement.greatestDifference).toBeLessThan(TOLERANCE)
    const theirFeatures = rowsOf(outputs.features?.data as Float32Array, IMAGES)
    expect(outputs.features?.dims).toEqual([IMAGES, ourFeatures[0]?.length])
    expect(greatestDifference(theirFeatures, ourFeatures)).toBeLessThan(TOLERANCE)
    expect(greatestDifference(ourFeatures.slice(1), ourFeatures)).toBeGreaterThan(100 * TOLERANCE) // images are told apart
    const { opsetImport, metadataProps, graph: written } = onnxProto.onnx.ModelProto.decode(file)
    expect(opsetImport[0]?.version).toEqual(expect.objectContaining({ low: 17 }))
    expect(metadataProps).toMatchObject([{ key: 'labels', value: JSON.stringify(CLASSES) }])
    expect(written?.node?.map(({ opType }) => opType)).not.toContain('BatchNormalization')
  })
})
