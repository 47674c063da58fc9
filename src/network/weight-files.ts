/** The formats of weight files: TensorFlow.js layers models (model.json and shards), and the two of Keras in HDF5. */
import { open } from 'node:fs/promises'
import { z } from 'zod'
import { messageOf, WeightsError } from '../core/errors.ts'
import { parseJson } from '../core/files.ts'

/** Values of one weight in row-major order. */
export interface NamedTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

const group = z.object({
  /** Shards beside model.json, to be joined in this order. */
  paths: z.array(z.string().regex(/^\w[\w.-]*$/, 'must be the plain name of a file')).min(1),
  weights: z.array(
    z.object({
      name: z.string(),
      shape: z.array(z.int().positive()),
      dtype: z.literal('float32'),
      quantization: z.undefined({ error: 'quantized weights are not supported' }).optional(),
    }),
  ),
})

const layersModel = z.object({ weightsManifest: z.array(group).min(1) })

export type ShardGroup = z.infer<typeof group>

/** The shards of a model.json and the tensors in them; messages call the file `place`. @throws WeightsError when it is not a layers model; DataError when it is not JSON. */
export function parseManifest(json: string, place: string): readonly ShardGroup[] {
  const result = layersModel.safeParse(parseJson(json, place))
  if (result.success) return result.data.weightsManifest
  throw new WeightsError(
    `Expected ${place} to be the model.json of a TensorFlow.js layers model, received:\n${z.prettifyError(result.error)}`,
  )
}

/** The tensors of one group from its joined shards. @throws WeightsError when the size of the shards does not match. */
export function shardTensors({ paths, weights }: ShardGroup, content: Buffer, place: string): [string, NamedTensor][] {
  const sizes = weights.map(({ shape }) => shape.reduce((product, size) => product * size, 1))
  const bytes = 4 * sizes.reduce((sum, size) => sum + size, 0)
  if (content.length !== bytes) {
    throw new WeightsError(
      `Expected ${bytes} bytes in ${paths.join(', ')} beside ${place}, received ${content.length}. Get the files again.`,
    )
  }
  const values = new Float32Array(new Uint8Array(content).buffer) // a copy: a Buffer may start at any byte, floats may not
  let start = 0
  return weights.map(({ name, shape }, index) => {
    const end = start + (sizes[index] ?? 0)
    const tensor = { shape, values: values.slice(start, end) }
    start = end
    return [name, tensor]
  })
}

/** Keras's normalization layer, numbered when a process builds a second network. Its weights are constants of the architecture. */
const NORMALIZATION = /^normalization(_\d+)?$/

const SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')

type Hdf5 = typeof import('h5wasm/node')
type Group = InstanceType<Hdf5['Group']>

/**
 * Reads the weights of a Keras HDF5 file; what is in it, not its name, decides between the two layouts. The normalization of
 * the input is left out.
 *
 * The legacy layout, that of the official files: in its order and under its names without the `:0` that official files add,
 * `conv1_conv/kernel`. Keras 3's `.weights.h5`: under the names of the layers and the numbers of their weights,
 * `conv1_conv/0`, also of networks within the network; an optimizer's numbers are left out.
 *
 * Source: keras/src/legacy/saving/legacy_h5_format.py, keras/src/saving/saving_lib.py
 *
 * @throws WeightsError when it is not such a file, is damaged, or names a tensor that is missing or not float32.
 */
export async function readKerasFile(path: string): Promise<Map<string, NamedTensor>> {
  await expectSignature(path)
  const hdf5 = await import('h5wasm/node')
  const file = openFile(hdf5, await hdf5.ready, path)
  try {
    const layers = file.keys().includes('layers') ? file.get('layers') : null
    if (layers instanceof hdf5.Group) return new Map(numberedTensors(hdf5, layers, path))
    const names = namesIn(file, 'layer_names', path).filter((layer) => !NORMALIZATION.test(layer))
    return new Map(names.flatMap((layer) => kerasTensors(hdf5, file, layer, path)))
  } finally {
    file.close()
  }
}

/** @throws WeightsError when the file cannot be read or is not HDF5 at all; a damaged one has the signature. */
async function expectSignature(path: string): Promise<void> {
  const content = Buffer.alloc(SIGNATURE.length)
  try {
    const file = await open(path)
    await file.read(content).finally(() => file.close())
  } catch (error) {
    throw unreadable(path, messageOf(error), error)
  }
  if (!content.equals(SIGNATURE)) throw unreadable(path, 'another file')
}

function openFile(hdf5: Hdf5, module: Awaited<Hdf5['ready']>, path: string): InstanceType<Hdf5['File']> {
  module.activate_throwing_error_handler() // otherwise it prints a page and continues
  try {
    return new hdf5.File(path, 'r')
  } catch (error) {
    throw unreadable(path, 'a damaged one', error)
  } finally {
    module.deactivate_throwing_error_handler()
  }
}

function kerasTensors(hdf5: Hdf5, file: Group, layer: string, path: string): [string, NamedTensor][] {
  const group = file.get(layer)
  if (!(group instanceof hdf5.Group)) throw unreadable(path, `no group ${layer}`)
  return namesIn(group, 'weight_names', path).map((name) => {
    const dataset = group.get(name)
    if (!(dataset instanceof hdf5.Dataset)) throw unreadable(path, `no tensor ${name} in ${layer}`)
    return [`${layer}/${roleOf(name)}`, floats(dataset, name, path)]
  })
}

function floats({ shape, value }: InstanceType<Hdf5['Dataset']>, name: string, path: string): NamedTensor {
  if (!shape || !(value instanceof Float32Array)) throw unreadable(path, `${name} of another type than float32`)
  return { shape, values: value }
}

/** The weights in the groups of Keras 3's layers, each a name, and datasets `0`, `1`, …; and in the layers within them. */
function numberedTensors(hdf5: Hdf5, layers: Group, path: string): [string, NamedTensor][] {
  return layers.keys().flatMap((key) => {
    const layer = layers.get(key)
    if (!(layer instanceof hdf5.Group)) return []
    const [own, inner] = ['vars', 'layers'].map((part) => (layer.keys().includes(part) ? layer.get(part) : null))
    return [
      ...(own instanceof hdf5.Group ? ownTensors(hdf5, own, path) : []),
      ...(inner instanceof hdf5.Group ? numberedTensors(hdf5, inner, path) : []),
    ]
  })
}

function ownTensors(hdf5: Hdf5, own: Group, path: string): [string, NamedTensor][] {
  const numbers = own.keys().sort((a, b) => Number(a) - Number(b))
  if (numbers.length === 0) return []
  const layer = own.attrs.name?.value
  if (typeof layer !== 'string') throw unreadable(path, `no name at ${own.path}, which a newer Keras 3 writes`)
  if (NORMALIZATION.test(layer)) return []
  return numbers.map((number) => {
    const dataset = own.get(number)
    if (!(dataset instanceof hdf5.Dataset)) throw unreadable(path, `no tensor ${number} in ${own.path}`)
    return [`${layer}/${number}`, floats(dataset, `${layer}/${number}`, path)]
  })
}

/** A list of names; Keras splits a long one into `layer_names0`, `layer_names1`, … */
function namesIn(group: Group, attribute: string, path: string): string[] {
  const { attrs } = group
  const parts = Object.keys(attrs)
    .filter((name) => name.startsWith(attribute) && /^\d*$/.test(name.slice(attribute.length)))
    .sort((a, b) => Number(a.slice(attribute.length)) - Number(b.slice(attribute.length)))
  if (parts.length === 0) throw unreadable(path, `no ${attribute} at ${group.path}`)
  return parts.flatMap((part) => {
    const names = attrs[part]?.value
    if (Array.isArray(names)) return names.map(String)
    return typeof names === 'string' ? [names] : [] // h5py writes an empty list as an empty array of floats
  })
}

/** `kernel` of `conv1_conv/kernel:0` */
function roleOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).replace(/:\d+$/, '')
}

function unreadable(path: string, received: string, cause?: unknown): WeightsError {
  return new WeightsError(
    `Expected ${path} to be a file of weights that Keras wrote as HDF5, received ${received}. Save the weights again, or get the file again.`,
    { cause },
  )
}
