import { fromKeras, layerOf } from '../../src/network/assign.ts'
import type { Network } from '../../src/network/network.ts'
import type { NamedTensor } from '../../src/network/weight-files.ts'
import { distance, magnitude } from './difference.ts'
import { type Differences, type Finding, worst } from './findings.ts'
import type { ComparedImages } from './images.ts'
import { CLASSES } from './networks.ts'
import type { Peer } from './peer.ts'
import { momentumOf, reluMasks, takeStep } from './step.ts'

/** Gradients: at 380 px sums of 10^5 numbers in float32 are off by 2e-3 with oneDNN, by 8e-4 without. */
const BOUND = { loss: 1e-4, kinks: 1e-4, gradients: 5e-3, statistics: 1e-3 }

/** Images in the step: as many as fit into memory for B4 on both sides. */
export const STEP_IMAGES = 4

type Tensors = ReadonlyMap<string, NamedTensor>
type Values = ReadonlyMap<string, Float32Array>

/** Compares one training step with Keras's: loss, every gradient, and the running statistics after it. */
export async function compareStep(network: Network, peer: Peer, images: ComparedImages): Promise<Finding[]> {
  const { model } = network
  const side = Number(model.inputs[0]?.shape[1])
  const batch = {
    values: images.values.subarray(0, STEP_IMAGES * side * side * 3),
    labels: Int32Array.from({ length: STEP_IMAGES }, (_, image) => image % CLASSES),
  }
  const masks = reluMasks(model, batch, side)
  const theirs = await peer.step(STEP_IMAGES, masks)
  const ours = takeStep(model, batch, side)
  const loss = theirs.get('loss')?.values[0] ?? Number.NaN
  const gradients = gradientDifferences(ours.gradients, fromKeras(network, named(theirs, 'gradient/')))
  const statistics = statisticDifferences(ours.statistics, named(theirs, 'statistic/'), momentumOf(model))
  const kink = theirs.get('kinks')?.values[0] ?? Number.NaN
  const kinks = {
    what: 'inputs of a ReLU positive on one side only',
    difference: kink,
    bound: BOUND.kinks,
    place: '',
  }
  return [
    {
      what: `loss of a step on ${STEP_IMAGES}`,
      difference: Math.abs(ours.loss - loss) / loss,
      bound: BOUND.loss,
      place: '',
    },
    ...(masks.size > 0 ? [kinks] : []),
    worst(`each of ${gradients.size} gradients`, gradients, BOUND.gradients),
    ...(statistics.size > 0
      ? [worst(`each of ${statistics.size} running statistics`, statistics, BOUND.statistics)]
      : []),
  ]
}

/**
 * Relative to the maximum gradient of the layer: where a batch norm cancels a weight, such as the bias before it, its
 * gradient is nothing but rounding errors.
 */
function gradientDifferences(ours: Values, theirs: Tensors): Differences {
  const greatest = new Map<string, number>()
  for (const [name, { values }] of theirs) {
    greatest.set(layerOf(name), Math.max(greatest.get(layerOf(name)) ?? 0, magnitude(values)))
  }
  return differences(ours, theirs, (name) => greatest.get(layerOf(name)) ?? Number.NaN)
}

/** Relative to (1 − momentum) times the maximum statistic of the tensor: the part that the step changes. */
function statisticDifferences(ours: Values, theirs: Tensors, momentum: number): Differences {
  return differences(ours, theirs, (_, expected) => (1 - momentum) * magnitude(expected))
}

/** The differences of all tensors; NaN where one side lacks the tensor. */
function differences(
  ours: Values,
  theirs: Tensors,
  scale: (name: string, expected: Float32Array) => number,
): Differences {
  return new Map(
    [...new Set([...ours.keys(), ...theirs.keys()])].map((name) => {
      const [found, expected] = [ours.get(name), theirs.get(name)?.values]
      return [name, found && expected ? distance(found, expected) / scale(name, expected) : Number.NaN]
    }),
  )
}

/** The tensors whose names have a prefix, without it. */
function named(tensors: Tensors, prefix: string): Map<string, NamedTensor> {
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  )
}
