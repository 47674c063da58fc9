import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { File as Hdf5File, Group as Hdf5Group } from 'h5wasm/node'
import { beforeEach, describe, expect, it } from 'vitest'
import { readKerasFile } from '../../src/network/weight-files.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Written by Keras 3: a normalization, a convolution, a batch norm, a depthwise convolution and a ReLU. */
const WRITTEN_BY_KERAS = 'test/fixtures/keras-legacy.h5'

/** Written by Keras 3's `save_weights`: the same with a layer norm and a convolution in a network of their own, and Adam. */
const SAVED_BY_KERAS = 'test/fixtures/keras.weights.h5'

const folder = temporaryFolder()
let path = ''

beforeEach(async () => {
  path = join(folder.path, 'net.h5')
})

describe('readKerasFile', () => {
  it('gives what Keras wrote, without the normalization', async () => {
    // weight n holds 100 n, 100 n + 1, …
    expect([...(await readKerasFile(WRITTEN_BY_KERAS))]).toEqual([
      ['conv/kernel', { shape: [1, 1, 3, 2], values: Float32Array.of(0, 1, 2, 3, 4, 5) }],
      ['conv/bias', { shape: [2], values: Float32Array.of(100, 101) }],
      ['norm/gamma', { shape: [2], values: Float32Array.of(200, 201) }],
      ['norm/beta', { shape: [2], values: Float32Array.of(300, 301) }],
      ['norm/moving_mean', { shape: [2], values: Float32Array.of(400, 401) }],
      ['norm/moving_variance', { shape: [2], values: Float32Array.of(500, 501) }],
      ['depthwise/kernel', { shape: [2, 2, 2, 1], values: Float32Array.of(600, 601, 602, 603, 604, 605, 606, 607) }],
    ])
  })

  it("gives what Keras 3's save_weights wrote, by the names of the layers, nested ones too", async () => {
    await copyFile(SAVED_BY_KERAS, path) // net.h5: the name says nothing of the layout
    const found = await readKerasFile(path)
    // weight n holds 100 n, 100 n + 1, …
    expect(new Map([...found].map(([name, { shape, values }]) => [name, [shape, values[0]]]))).toEqual(
      new Map<string, unknown>([
        ['conv/0', [[1, 1, 3, 2], 0]],
        ['conv/1', [[2], 100]],
        ['norm/0', [[2], 200]],
        ['norm/1', [[2], 300]],
        ['norm/2', [[2], 400]],
        ['norm/3', [[2], 500]],
        ['inner_norm/0', [[2], 600]],
        ['inner_norm/1', [[2], 700]],
        ['inner_conv/0', [[1, 1, 2, 2], 800]],
        ['inner_conv/1', [[2], 900]],
        ['depthwise/0', [[2, 2, 2, 1], 1000]],
      ]),
    )
    expect(found.get('inner_conv/0')?.values).toEqual(Float32Array.of(800, 801, 802, 803))
  })

  it("refuses a file of Keras 3 without the layers' names", async () => {
    await copyFile(SAVED_BY_KERAS, path)
    const file = new Hdf5File(path, 'a')
    const own = file.get('layers/conv2d/vars')
    if (own instanceof Hdf5Group) own.delete_attribute('name')
    file.close()
    await expect(readKerasFile(path)).rejects.toThrow('no name at /layers/conv2d/vars, which a newer Keras 3 writes')
  })

  it('takes the spelling of the official files, and their numbered normalization', async () => {
    writeFileOf(['normalization_3', 'conv'], (file) => {
      const normalization = file.create_group('normalization_3')
      normalization.create_attribute('weight_names', ['normalization_3/count:0'])
      const conv = file.create_group('conv')
      conv.create_attribute('weight_names', ['conv/kernel:0'])
      conv.create_group('conv').create_dataset({ name: 'kernel:0', data: Float32Array.of(7), shape: [1, 1, 1, 1] })
    })
    expect([...(await readKerasFile(path))]).toEqual([
      ['conv/kernel', { shape: [1, 1, 1, 1], values: Float32Array.of(7) }],
    ])
  })

  it('joins a list of names that Keras has split', async () => {
    await copyFile(WRITTEN_BY_KERAS, path)
    const file = new Hdf5File(path, 'a')
    file.delete_attribute('layer_names')
    file.create_attribute('layer_names0', ['conv'])
    file.create_attribute('layer_names1', ['relu', 'depthwise'])
    file.close()
    expect([...(await readKerasFile(path)).keys()]).toEqual(['conv/kernel', 'conv/bias', 'depthwise/kernel'])
  })

  it.each([
    ['an empty file', Buffer.alloc(0), 'another file'],
    ['another format', Buffer.from('{"format": "layers-model"}'), 'another file'],
  ])('refuses %s', async (_, content, message) => {
    await writeFile(path, content)
    await expect(readKerasFile(path)).rejects.toThrow(message)
  })

  it('refuses a file that was cut off', async () => {
    const content = await readFile(WRITTEN_BY_KERAS)
    await writeFile(path, content.subarray(0, content.length / 2))
    await expect(readKerasFile(path)).rejects.toThrow('a damaged one')
  })

  it('names what a file lacks', async () => {
    await expect(readKerasFile(path)).rejects.toThrow('received nothing at')
    writeFileOf(undefined, () => {})
    await expect(readKerasFile(path)).rejects.toThrow('no layer_names at /')
    writeFileOf(['conv'], () => {})
    await expect(readKerasFile(path)).rejects.toThrow('no group conv')
    writeFileOf(['conv'], (file) => file.create_group('conv').create_attribute('weight_names', ['conv/kernel:0']))
    await expect(readKerasFile(path)).rejects.toThrow('no tensor conv/kernel:0 in conv')
    writeFileOf(['conv'], (file) => {
      const conv = file.create_group('conv')
      conv.create_attribute('weight_names', ['conv/kernel:0'])
      conv.create_group('conv').create_dataset({ name: 'kernel:0', data: Float64Array.of(1) })
    })
    await expect(readKerasFile(path)).rejects.toThrow('conv/kernel:0 of another type than float32')
  })
})

function writeFileOf(layers: string[] | undefined, fill: (file: Hdf5File) => void): void {
  const file = new Hdf5File(path, 'w')
  if (layers) file.create_attribute('layer_names', layers)
  fill(file)
  file.close()
}
