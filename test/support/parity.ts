import { readFileSync } from 'node:fs'
import { File as Hdf5File, ready } from 'h5wasm/node'

type Numbers = readonly number[]

/** What test/fixtures/parity.py found of one network. */
export interface ParityCase {
  readonly name: 'resnet50' | 'efficientnetb0'
  /** Of the kernels. */
  readonly gain: number
  /** The official file that Keras asked for. */
  readonly file: { readonly url: string; readonly md5: string }
  /** Layers of the official file: name, and shapes of the weights by name. */
  readonly layers: readonly (readonly [name: string, shapes: Readonly<Record<string, Numbers>>])[]
  /** Mean and greatest absolute value of each layer's output over the pictures. */
  readonly outputs: Readonly<Record<string, readonly [mean: number, greatest: number]>>
  /** The first 16 features of each picture, the sum over all of each, and the greatest absolute value. */
  readonly features: { readonly first: Numbers; readonly sums: Numbers; readonly greatest: number }
  /** Features through a dense layer of three classes. */
  readonly logits: Numbers
}

export const parity: {
  readonly cases: readonly ParityCase[]
  /** Official files of all EfficientNets. */
  readonly addresses: Readonly<Record<string, { readonly url: string; readonly md5: string }>>
} = JSON.parse(readFileSync('test/fixtures/parity.json', 'utf8'))

export const PARITY_SIDE = 64
export const PARITY_CLASSES = 3
const PICTURES = 2
const SQUARES = 8

/** Stored in the official files; what is called variance there is the deviation. */
const NORMALIZATION: Readonly<Record<string, number[]>> = {
  mean: [0.485, 0.456, 0.406],
  variance: [0.229, 0.224, 0.225],
}

/** Numbers in [0, 1), the same as in the script: FNV-1a of the name, then the finalizer of MurmurHash3 of each place. */
export function uniform(name: string, count: number): Float64Array {
  let seed = 2166136261
  for (const byte of Buffer.from(name)) seed = Math.imul(seed ^ byte, 16777619)
  return Float64Array.from({ length: count }, (_, place) => {
    let x = (seed + Math.imul(place, 0x9e3779b1)) | 0
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32
  })
}

/** The value of a weight, by its official name. */
export function parityWeight(name: string, shape: Numbers, gain: number): Float32Array {
  const role = name.slice(name.lastIndexOf('/') + 1).replace(':0', '')
  const fanIn = product(role === 'depthwise_kernel' ? shape.slice(0, 2) : shape.slice(0, -1))
  const spread = Math.sqrt(3 / fanIn)
  const from: Readonly<Record<string, (centred: number) => number>> = {
    kernel: (centred) => gain * centred * spread,
    depthwise_kernel: (centred) => gain * centred * spread,
    bias: (centred) => centred / 8,
    gamma: (centred) => 1 + centred / 4,
    beta: (centred) => centred / 4,
    moving_mean: (centred) => centred / 4,
    moving_variance: (centred) => 1 + centred / 2,
  }
  const value = from[role] ?? (() => Number.NaN)
  return Float32Array.from(uniform(name, product(shape)), (number) => value(2 * number - 1))
}

/** Coarse squares with noise on top: uint8 [N, S, S, 3]. */
export function parityPictures(): { values: Uint8Array; count: number } {
  const pictures = Array.from({ length: PICTURES }, (_, number) => {
    const squares = uniform(`squares ${number}`, SQUARES * SQUARES * 3)
    return Uint8Array.from(uniform(`noise ${number}`, PARITY_SIDE * PARITY_SIDE * 3), (noise, place) => {
      const [channel, x, y] = [place % 3, Math.floor(place / 3) % PARITY_SIDE, Math.floor(place / 3 / PARITY_SIDE)]
      const [column, row] = [x, y].map((each) => Math.floor((each * SQUARES) / PARITY_SIDE))
      const square = squares[3 * (SQUARES * (row ?? 0) + (column ?? 0)) + channel] ?? 0
      return Math.floor(192 * square + 64 * noise)
    })
  })
  return { values: Buffer.concat(pictures), count: PICTURES }
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
        const data = constant ? Float32Array.from(constant) : parityWeight(official, shape, gain)
        group.create_dataset({ name, data, shape })
      }
    }
  }
  file.close()
}

function product(shape: Numbers): number {
  return shape.reduce((total, size) => total * size, 1)
}
