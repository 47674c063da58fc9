import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import type { Tensor } from '@tensorflow/tfjs-core'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import { builders } from '../../src/network/registry.ts'
import { saveModel } from '../../src/network/saved.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import type { ModelEntry } from '../../src/train/params.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SIDE = 32
const entry = { architecture: 'mobilenet', mode: 'zero', width: 0.25 } as const satisfies ModelEntry
const folder = temporaryFolder()

it('loads over HTTP into plain TensorFlow.js, as in a browser, and predicts the same', async () => {
  const { build } = await builders.mobilenet()
  const { model } = build(entry, { imageSize: SIDE, classCount: 3, seed: 1, dropout: 0.5 })
  const card = {
    config: 'a',
    architecture: 'mobilenet',
    mode: 'zero',
    classes: ['a', 'b', 'c'],
    trainImages: {},
    epochs: 1,
    bestEpoch: 1,
  }
  await saveModel(join(folder.path, 'model'), model, { ...card, image: { size: SIDE, fit: 'cover' } })
  const server = createServer(async (request, response) => {
    response.end(await readFile(join(folder.path, 'model', basename(request.url ?? ''))))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  try {
    const rng = seededRng(1, 'pixels')
    const pixels = Array.from({ length: SIDE * SIDE * 3 }, () => Math.floor(256 * rng()))
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.json`
    const args = ['test/support/plain-tfjs.ts', address, JSON.stringify(pixels), String(SIDE)]
    const { stdout } = await execa('node', args)
    const theirs = JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]') as number[]
    const ours = tf.tidy(() => [...(model.predict(tf.tensor(pixels, [1, SIDE, SIDE, 3])) as Tensor).dataSync()])
    expect(theirs).toHaveLength(3)
    ours.forEach((value, i) => {
      expect(theirs[i]).toBeCloseTo(value, 5)
    })
  } finally {
    server.close()
  }
})
