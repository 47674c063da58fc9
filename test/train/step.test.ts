import { describe, expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import { layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import type { LossParams } from '../../src/tensorflow/losses.ts'
import { openOptimizer } from '../../src/tensorflow/optimizers.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { createVariables, disposeVariable, saveVariable, trainableOf } from '../../src/tensorflow/variables.ts'
import type { OnlineAugment, TrainParams } from '../../src/train/params.ts'
import { openStep } from '../../src/train/step.ts'
import { brightnessImages, SIDE, smallNetwork } from '../support/small-network.ts'
import { expectTensorsKept } from '../support/tensors.ts'
import { trainParams } from '../support/train-params.ts'

const batches = [8, 8, 5].map((count, i) => brightnessImages(count, seededRng(i, 'batch')))

/** What a run is made of, beside the network. */
type Settings = Omit<TrainParams, 'classWeights'> & LossParams & { augment?: OnlineAugment }

const AUGMENT: OnlineAugment = {
  rotation: 40,
  shift: 0.2,
  shear: 0.2,
  zoom: 0.2,
  flip: true,
  brightness: 0.2,
  mixup: 0,
  cutmix: 0,
}

const ADAM: Settings = { ...trainParams(), classWeights: null }

/** One of each kind; the small network is trained with each, compiled and op by op. */
const SETTINGS: Readonly<Record<string, Partial<Settings>>> = {
  adam: {},
  adamw: { optimizer: 'adamw' },
  'plain sgd': { optimizer: 'sgd', momentum: 0 },
  'sgd with momentum': { optimizer: 'sgd' },
  "sgd with Nesterov's momentum": { optimizer: 'sgd', nesterov: true },
  'clipped gradients': { clipNorm: 0.1 },
  'averaged weights': { ema: 0.9 },
  'smoothed labels': { labelSmoothing: 0.1 },
  'the focal loss': { loss: 'focal' },
  'weighted classes': { classWeights: [0.5, 1, 1.5] },
  'transforms drawn for each step': { augment: AUGMENT },
  'mixed images and weighted classes': {
    augment: { ...AUGMENT, mixup: 0.4, cutmix: 1 },
    classWeights: [0.5, 1, 1.5],
    labelSmoothing: 0.1,
  },
}

interface Run {
  readonly losses: readonly number[]
  readonly correct: readonly number[]
  /** The weights, and the optimizer's slots. */
  readonly weights: ReadonlyMap<string, Float32Array>
}

/** Trains the small network for some steps, over batches of two sizes. */
function run(
  engine: 'compiled' | 'eager',
  settings: Partial<Settings> = {},
  { steps = 12, l2 = 0.001, seed = 1, frozen = '', learningRate = (_step: number): number => 0.01 } = {},
): Run {
  const network = smallNetwork()
  for (const layer of network.layers) layer.trainable = layer.name !== frozen
  const graph = layerGraphOf(network)
  const variables = createVariables(graph, weightsOf(network))
  const trainable = trainableOf(graph, variables)
  const loss = { ...ADAM, ...settings }
  const optimizer = openOptimizer(loss, trainable)
  const step = openStep({
    graph,
    variables,
    trainable,
    optimizer,
    inputShape: [SIDE, SIDE, 3],
    params: { ...loss, l2, batchNormMomentum: 0.9, engine },
    seed,
    augment: settings.augment,
  })
  const metrics = Array.from({ length: steps }, (_, i) => {
    const batch = batches[i % batches.length]
    if (!batch) throw new Error('no batch')
    const output = step.take(batch, i + 1, optimizer.numbers(i + 1, learningRate(i + 1)))
    const [loss = Number.NaN, correct = Number.NaN] = output.dataSync()
    output.dispose()
    return { loss, correct }
  })
  const owned = [...variables.values(), ...optimizer.slots]
  const weights = new Map(owned.map((variable) => [variable.name, saveVariable(variable)]))
  step.dispose()
  for (const variable of owned) disposeVariable(variable)
  network.dispose()
  return { losses: metrics.map(({ loss }) => loss), correct: metrics.map(({ correct }) => correct), weights }
}

describe('openStep', () => {
  it.each(Object.entries(SETTINGS))('gives the same numbers compiled as op by op, with %s', (_name, settings) => {
    const [compiled, eager] = [run('compiled', settings), run('eager', settings)]
    compiled.losses.forEach((loss, i) => {
      expect(loss).toBeCloseTo(eager.losses[i] as number, 4)
    })
    for (const [name, values] of compiled.weights) {
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(eager.weights.get(name)?.[i] as number, 3)
      })
    }
  })

  it.each(Object.entries(SETTINGS))('keeps no tensors with %s', async (_name, settings) => {
    await expectTensorsKept(0, () => void run('compiled', settings, { steps: 2 }))
    await expectTensorsKept(0, () => void run('eager', settings, { steps: 2 }))
  })

  it('takes the learning rate of each step, also once it is traced', () => {
    const rates = (step: number) => (step > 3 ? 0 : 0.01)
    const kernelAfter = (steps: number) =>
      run('compiled', { optimizer: 'sgd', momentum: 0 }, { steps, learningRate: rates }).weights.get('conv/kernel')
    expect(kernelAfter(6)).toEqual(kernelAfter(3))
    expect(kernelAfter(3)).not.toEqual(kernelAfter(2))
  })

  it.each(['compiled', 'eager'] as const)('counts mixed images by the label with the larger share, %s', (engine) => {
    // Images of one colour, and a network whose logits are the means of the channels: its answer is the colour with the larger
    // share. So all answers are right, of MixUp's even mixtures and of CutMix's.
    const input = tf.input({ shape: [4, 4, 3] })
    const pool = tf.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' })
    const dense = tf.layers.dense({ units: 3, kernelInitializer: 'identity', activation: 'softmax' })
    const network = tf.model({ inputs: input, outputs: dense.apply(pool.apply(input)) as tf.SymbolicTensor })
    const graph = layerGraphOf(network)
    const variables = createVariables(graph, weightsOf(network))
    const optimizer = openOptimizer(ADAM, [])
    const still = { rotation: 0, shift: 0, shear: 0, zoom: 0, flip: false, brightness: 0 }
    const labels = Int32Array.from({ length: 12 }, (_, image) => image % 3)
    const values = Float32Array.from({ length: 12 * 48 }, (_, at) => (at % 3 === labels[Math.floor(at / 48)] ? 1 : 0))
    const correct = (augment: OnlineAugment | undefined) => {
      const step = openStep({
        ...{ graph, variables, trainable: [...variables.values()].slice(0, 1), optimizer, seed: 1, augment },
        ...{ inputShape: [4, 4, 3], params: { ...ADAM, l2: 0, batchNormMomentum: 0.9, engine } },
      })
      const counts = Array.from({ length: 20 }, (_, i) => {
        const output = step.take({ values, labels }, i + 1, optimizer.numbers(i + 1, 0))
        const [, count] = output.dataSync()
        output.dispose()
        return count
      })
      step.dispose()
      return counts
    }
    const all = Array(20).fill(12)
    expect(correct(undefined)).toEqual(all)
    expect(correct({ ...still, mixup: 1, cutmix: 0 })).toEqual(all)
    expect(correct({ ...still, mixup: 0, cutmix: 1 })).toEqual(all)
    for (const variable of variables.values()) disposeVariable(variable)
    network.dispose()
  })

  it('gives the same bits for the same seed, and others for another one', () => {
    expect(run('compiled')).toEqual(run('compiled'))
    expect(run('compiled', {}, { seed: 2 }).losses).not.toEqual(run('compiled').losses)
  })

  it('shows the images of a step through transforms of its own', () => {
    const plain = run('compiled', {}, { steps: 2, learningRate: () => 0 })
    const [once, again] = [0, 1].map(() => run('compiled', { augment: AUGMENT }, { steps: 2, learningRate: () => 0 }))
    expect(again).toEqual(once)
    expect(once?.losses[0]).not.toBe(plain.losses[0])
    const still = { rotation: 0, shift: 0, shear: 0, zoom: 0, flip: false, brightness: 0 }
    const unmoved = run('compiled', { augment: { ...AUGMENT, ...still } }, { steps: 2, learningRate: () => 0 })
    unmoved.losses.forEach((loss, i) => {
      expect(loss).toBeCloseTo(plain.losses[i] as number, 5)
    })
  })

  it('learns, and counts the right answers', () => {
    const { losses, correct } = run('compiled', {}, { steps: 90, l2: 0 })
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 2)
    expect(correct.at(-1)).toBeGreaterThanOrEqual(4) // of the 5 images of the last batch
  })

  it('leaves a frozen batch norm alone, its running statistics too', () => {
    const before = weightsOf(smallNetwork())
    const { weights } = run('compiled', {}, { frozen: 'norm' })
    for (const role of ['gamma', 'beta', 'moving_mean', 'moving_variance']) {
      expect(weights.get(`norm/${role}`)).toEqual(before.get(`norm/${role}`))
    }
    expect(weights.get('conv/kernel')).not.toEqual(before.get('conv/kernel'))
  })

  it('adds l2 times the sum of the squared kernels to the loss', () => {
    const kernels = [...weightsOf(smallNetwork())].filter(([name]) => name.endsWith('kernel'))
    const squares = kernels.reduce((sum, [, values]) => sum + values.reduce((all, value) => all + value ** 2, 0), 0)
    const [plain, penalised] = [
      run('eager', { optimizer: 'sgd' }, { steps: 1, l2: 0 }),
      run('eager', { optimizer: 'sgd' }, { steps: 1, l2: 0.01 }),
    ]
    expect((penalised.losses[0] as number) - (plain.losses[0] as number)).toBeCloseTo(0.01 * squares, 4)
  })
})
