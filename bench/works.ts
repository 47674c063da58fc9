import { join } from 'node:path'
import { cacheFolder } from '../src/core/paths.ts'

/** Where `readWeights` keeps the official weights of a MobileNet; the checksums are those of src/network/published.ts. */
const weightsOf = (width: string, sha256: string) => `${width}=${join(cacheFolder(), 'weights', sha256, 'model.json')}`
const MOBILENET_025 = weightsOf('0.25', '700ed90acc455fe6479a9eb5ff96b7168ab95350a83d52341f214d6b6ce3fe59')
const MOBILENET_075 = weightsOf('0.75', 'e123ff31dc2bf4d1bb7a95bca2196ba8ceb335fef6f0b3ccc87ea5613d434e20')

/** One program of a comparison: it answers rounds (`rounds.ts`, `peers/rounds.py`). */
export interface Side {
  readonly name: string
  /** Runs in PyTorch's environment, and is left out where that is not made. */
  readonly pytorch?: boolean
  /** A script of `ours/` or `peers/`, and its arguments. */
  readonly script: string
  readonly args: readonly string[]
  /** Rounds are costly: no more than this many, at the beginning. */
  readonly mostRounds?: number
}

/** A piece of work that several programs do in turns; the first is ours. */
export interface Work {
  readonly name: string
  readonly title: string
  /** What a round's seconds are divided by, and what one of these is called. */
  readonly unit: { readonly count: number; readonly name: string }
  readonly sides: readonly [Side, ...Side[]]
  /** Peer's time / ours to reach, for every peer or by its name; null: nothing to reach. */
  readonly target: number | Readonly<Record<string, number>> | null
  /** Peers that are shown and are not those to beat: they do less, or the target is stated against another. */
  readonly aside?: readonly string[]
  /** Whose operations are counted, and as what. */
  readonly arithmetic?: 'training' | 'inference' | 'product'
  readonly needsPhotographs?: boolean
  /** What a turn is. */
  readonly note: string
}

const training = (network: string, options: { title: string; batch: number; steps: number; target: number }): Work => {
  const { title, batch, steps, target } = options
  const args = [network, String(batch), String(steps)]
  return {
    name: network,
    title: `${title}, 224 px, batch ${batch}, training step`,
    unit: { count: steps, name: 'step' },
    sides: [
      { name: 'paddock', script: 'training.ts', args },
      { name: 'Keras fit', script: 'keras_training.py', args },
      { name: 'PyTorch', script: 'torch_training.py', args, pytorch: true },
    ],
    target,
    aside: ['PyTorch'],
    arithmetic: 'training',
    note: `${steps} steps a turn on images in memory`,
  }
}

const features = (network: string, options: { title: string; batches: number; target: number }): Work => {
  const { title, batches, target } = options
  const batch = 32
  const args = [network, String(batch), String(batches)]
  return {
    name: `${network}-features`,
    title: `${title}, 224 px, batch ${batch}, frozen features`,
    unit: { count: batches, name: 'batch' },
    sides: [
      { name: 'paddock', script: 'features.ts', args },
      { name: 'Keras predict', script: 'keras_features.py', args },
      { name: 'PyTorch', script: 'torch_features.py', args, pytorch: true },
    ],
    target,
    aside: ['PyTorch'],
    arithmetic: 'inference',
    note: `${batches} ${batches === 1 ? 'batch' : 'batches'} a turn on images in memory; ours with batch norms folded`,
  }
}

/** Everything that `npm run bench` measures, in its order; photographs come as a folder with one folder a class. */
export const works: readonly Work[] = [
  {
    name: 'processor',
    title: 'Product of two 2048 x 2048 matrices',
    unit: { count: 8, name: 'product' },
    sides: [{ name: 'paddock', script: 'processor.ts', args: ['2048', '8'] }],
    target: null,
    arithmetic: 'product',
    note: 'float32, by MatMul of the same TensorFlow',
  },
  training('original', { title: 'Original CNN', batch: 32, steps: 5, target: 1.1 }),
  training('resnet50', { title: 'ResNet50', batch: 8, steps: 2, target: 1.2 }),
  training('efficientnetb0', { title: 'EfficientNetB0', batch: 8, steps: 3, target: 1.6 }),
  features('resnet50', { title: 'ResNet50', batches: 1, target: 1.2 }),
  features('mobilenet', { title: 'MobileNet 1.0', batches: 4, target: 1.5 }),
  {
    name: 'decode',
    title: 'Decode and resize photographs to 224 px',
    unit: { count: 1, name: 'run' },
    sides: [
      { name: 'paddock', script: 'decode.ts', args: [] },
      { name: 'Pillow', script: 'pillow_decode.py', args: [] },
      { name: 'tf.data', script: 'tfdata_decode.py', args: ['antialias'] },
      { name: 'tf.data without antialiasing', script: 'tfdata_decode.py', args: ['plain'], mostRounds: 3 },
      { name: 'torchvision', script: 'torchvision_decode.py', args: [], pytorch: true },
    ],
    target: { Pillow: 0.7, 'tf.data': 0.9 },
    aside: ['tf.data without antialiasing', 'torchvision'],
    needsPhotographs: true,
    note: 'centre crop, a triangle filter everywhere: Pillow (draft mode) BILINEAR, tf.data antialias=True; two images at once',
  },
  {
    name: 'epochs',
    title: 'The photographs for ten epochs of training',
    unit: { count: 1, name: 'run' },
    sides: [
      { name: 'paddock', script: 'epochs.ts', args: ['10'], mostRounds: 5 },
      { name: 'tf.data', script: 'tfdata_decode.py', args: ['antialias', '10'], mostRounds: 5 },
    ],
    target: 5,
    needsPhotographs: true,
    note: 'ours decoded once into packed arrays, whose rows are read in another order each epoch; tf.data without a cache decodes in each',
  },
  {
    name: 'gate',
    title: 'Raw photographs to gate, MobileNet 0.75 transfer',
    unit: { count: 1, name: 'run' },
    sides: [
      { name: 'paddock', script: 'gate.ts', args: ['stages'] },
      { name: 'Keras script', script: 'keras_gate_rounds.py', args: [MOBILENET_075] },
      { name: 'paddock through DVC', script: 'gate.ts', args: ['dvc'], mostRounds: 3 },
      { name: 'paddock in one process', script: 'gate-parts.ts', args: [], mostRounds: 3 },
    ],
    target: { 'Keras script': 1.1 },
    needsPhotographs: true,
    note: 'ten epochs of the head, the best one kept; each turn from an empty artifacts/, without a cache of features; new processes each turn',
  },
  {
    name: 'dvc',
    title: 'The same through `dvc repro`',
    unit: { count: 1, name: 'run' },
    sides: [
      { name: 'paddock', script: 'gate.ts', args: ['dvc'] },
      { name: 'Keras script', script: 'keras_gate_rounds.py', args: [MOBILENET_075] },
    ],
    target: 0.9,
    needsPhotographs: true,
    note: 'as above',
  },
  {
    name: 'five',
    title: 'Five configurations through `dvc repro`',
    unit: { count: 1, name: 'run' },
    sides: [
      { name: 'paddock', script: 'gate.ts', args: ['dvc', 'five'], mostRounds: 3 },
      {
        name: 'Keras script five times',
        script: 'keras_gate_rounds.py',
        args: [MOBILENET_025, MOBILENET_025, MOBILENET_075, MOBILENET_075, MOBILENET_075],
        mostRounds: 3,
      },
    ],
    target: 2,
    needsPhotographs: true,
    note: 'MobileNet 0.25 with two learning rates and 0.75 with three; features are extracted once for each network',
  },
]
