import { open } from 'node:fs/promises'
import { messageOf, WeightsError } from '../core/errors.ts'
import type { NamedTensor } from './manifest.ts'

/** Its weights are constants of the architecture. Keras numbers it when a process builds a second network. */
const NORMALIZATION = /^normalization(_\d+)?$/

const SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')

type Hdf5 = typeof import('h5wasm/node')
type Group = InstanceType<Hdf5['Group']>

/**
 * The weights of a file that Keras wrote as legacy HDF5, in the order in which it names them: `conv1_conv/kernel`, without
 * the `:0` that official files add. Layers without weights are left out, and so is the normalization of the input.
 *
 * @throws WeightsError when it is another file, or a tensor that it names is missing or not of floats.
 */
export async function readKerasFile(path: string): Promise<Map<string, NamedTensor>> {
  await expectSignature(path)
  const hdf5 = await import('h5wasm/node')
  const file = openFile(hdf5, await hdf5.ready, path)
  try {
    const layers = namesIn(file, 'layer_names', path).filter((layer) => !NORMALIZATION.test(layer))
    return new Map(layers.flatMap((layer) => tensorsOf(hdf5, file, layer, path)))
  } finally {
    file.close()
  }
}

/** Tells another file from a damaged one. */
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
  module.activate_throwing_error_handler() // else it prints a page and goes on
  try {
    return new hdf5.File(path, 'r')
  } catch (error) {
    throw unreadable(path, 'a damaged one', error)
  } finally {
    module.deactivate_throwing_error_handler()
  }
}

function tensorsOf(hdf5: Hdf5, file: Group, layer: string, path: string): [string, NamedTensor][] {
  const group = file.get(layer)
  if (!(group instanceof hdf5.Group)) throw unreadable(path, `no group ${layer}`)
  return namesIn(group, 'weight_names', path).map((name) => {
    const dataset = group.get(name)
    if (!(dataset instanceof hdf5.Dataset)) throw unreadable(path, `no tensor ${name} in ${layer}`)
    const { shape, value } = dataset
    if (!shape || !(value instanceof Float32Array)) throw unreadable(path, `${name} of another type than float32`)
    return [`${layer}/${roleOf(name)}`, { shape, values: value }]
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
    return typeof names === 'string' ? [names] : [] // none is an empty array of floats
  })
}

/** `kernel` of `conv1_conv/kernel:0` */
function roleOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).replace(/:\d+$/, '')
}

function unreadable(path: string, received: string, cause?: unknown): WeightsError {
  return new WeightsError(
    `Expected ${path} to be a file of weights that Keras wrote as HDF5, received ${received}. Save the model's weights again, or get the file again.`,
    { cause },
  )
}
