import { readFileSync } from 'node:fs'
import { File as Hdf5File, ready } from 'h5wasm/node'
import { formulaWeight, NORMALIZATION, uniform } from '../../bench/parity/formula.ts'

type Numbers = readonly number[]

/** What test/fixtures/parity.py found of one network. */
export interface ParityCase {
  readonly name: 'resnet50' | 'efficientnetb0' | 'efficientnetv2-b0' | 'convnext_tiny'
  /** Of the kernels. */
  readonly gain: number
  /** The official file that Keras asked for. */
  readonly file: { readonly url: string; readonly md5?: string; readonly sha256?: string }
  /** Layers of the official file: name, and shapes of the weights by name. */
  readonly layers: readonly (readonly [name: string, shapes: Readonly<Record<string, Numbers>>])[]
  /** Mean and greatest absolute value of each layer's output over the images. */
  readonly outputs: Readonly<Record<string, readonly [mean: number, greatest: number]>>
  /** The first 16 features of each image, the sum over all of each, and the greatest absolute value. */
  readonly features: { readonly first: Numbers; readonly sums: Numbers; readonly greatest: number }
  /** Features through a dense layer of three classes. */
  readonly logits: Numbers
  /** The lines of layers that Keras's `summary` prints. */
  readonly summary: readonly string[]
  /** A training step: cross-entropy, and of each tensor what `samplesOf` gives. */
  readonly step: {
    readonly loss: number
    readonly gradients: Readonly<Record<string, Numbers>>
    /** Running means and variances after the step. */
    readonly statistics: Readonly<Record<string, Numbers>>
  }
}

export const parity: {
  readonly cases: readonly ParityCase[]
  /** Official files of all EfficientNets. */
  readonly addresses: Readonly<Record<string, { readonly url: string; readonly md5: string }>>
} = JSON.parse(readFileSync('test/fixtures/parity.json', 'utf8'))

export const PARITY_SIDE = 64
export const PARITY_CLASSES = 3
/** Images of the outputs, and of the training step. */
const IMAGES = 2
export const PARITY_STEP_IMAGES = 4
const SQUARES = 8
const SAMPLES = 2

/** Coarse squares with noise on top: uint8 [N, S, S, 3]. */
export function parityImages(count = IMAGES): { values: Uint8Array; count: number } {
  const images = Array.from({ length: count }, (_, number) => {
    const squares = uniform(`squares ${number}`, SQUARES * SQUARES * 3)
    return Uint8Array.from(uniform(`noise ${number}`, PARITY_SIDE * PARITY_SIDE * 3), (noise, place) => {
      const [channel, x, y] = [place % 3, Math.floor(place / 3) % PARITY_SIDE, Math.floor(place / 3 / PARITY_SIDE)]
      const [column, row] = [x, y].map((each) => Math.floor((each * SQUARES) / PARITY_SIDE))
      const square = squares[3 * (SQUARES * (row ?? 0) + (column ?? 0)) + channel] ?? 0
      return Math.floor(192 * square + 64 * noise)
    })
  })
  return { values: Buffer.concat(images), count }
}

/** How a file of weights differs from the official ones. */
export interface Spelling {
  /** Gives the name of a weight as the file has it, undefined to leave it out. */
  readonly nameOf?: (official: string) => string | undefined
}

/** Writes a file of weights in the layout of the official ones. */
export async function writeKerasFile(
  path: string,
  { layers, gain }: Pick<ParityCase, 'layers' | 'gain'>,
  { nameOf = (official) => official }: Spelling = {},
): Promise<void> {
  await ready
  const file = new Hdf5File(path, 'w')
  file.create_attribute(
    'layer_names',
    layers.map(([layer]) => layer),
  )
  for (const [layer, shapes] of layers) {
    const group = file.create_group(layer)
    const weights = Object.entries(shapes).flatMap(([official, shape]) => {
      const name = nameOf(official)
      return name === undefined ? [] : [{ name, official, shape: [...shape] }]
    })
    // As h5py writes an empty list.
    group.create_attribute('weight_names', weights.length > 0 ? weights.map(({ name }) => name) : new Float64Array(0))
    for (const folder of new Set(weights.map(({ name }) => name.slice(0, name.lastIndexOf('/'))))) {
      group.create_group(folder)
    }
    for (const { name, official, shape } of weights) {
      const role = official.slice(official.lastIndexOf('/') + 1).replace(':0', '')
      if (role === 'count') group.create_dataset({ name, data: BigInt64Array.of(0n), shape: [] })
      else {
        const constant = NORMALIZATION[role]
        const data = constant ? Float32Array.from(constant) : formulaWeight(official, shape, gain)
        group.create_dataset({ name, data, shape })
      }
    }
  }
  file.close()
}

/** Greatest absolute value, square root of the sum of squares, and two values at places that follow from the name. */
export function samplesOf(name: string, values: Float32Array): number[] {
  const squares = values.reduce((sum, value) => sum + value ** 2, 0)
  const places = [...uniform(name, SAMPLES)].map((place) => values[Math.floor(place * values.length)] ?? Number.NaN)
  return [values.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0), Math.sqrt(squares), ...places]
}
