import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tensor } from '@tensorflow/tfjs-core'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRng, uniform } from '../../src/core/random.ts'
import { build as buildConvNeXt } from '../../src/models/convnext.ts'
import { build as buildEfficientNet } from '../../src/models/efficientnet.ts'
import { build as buildEfficientNetV2 } from '../../src/models/efficientnetv2.ts'
import { build as buildMobileNet } from '../../src/models/mobilenet.ts'
import { build as buildOriginal } from '../../src/models/original.ts'
import { build as buildResNet } from '../../src/models/resnet.ts'
import type { Network } from '../../src/network/network.ts'
import { saveModel } from '../../src/network/saved.ts'
import { setWeights, weightsOf } from '../../src/tensorflow/graph.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { CHROMIUM, openBrowser, WITHOUT_CHROMIUM } from '../support/browser.ts'
import { type LocalServer, serve } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const options = (imageSize: number) => ({ imageSize, classCount: 3, seed: 1, dropout: 0.2 })
/** Side of the images, and the scale of its batch norms at which random weights tell images apart. */
const NETWORKS: readonly (readonly [string, number, number, () => Network])[] = [
  ['original', 112, 1, () => buildOriginal({ architecture: 'original', mode: 'zero' }, options(112))],
  ['mobilenet', 64, 5, () => buildMobileNet({ architecture: 'mobilenet', mode: 'zero', width: 0.25 }, options(64))],
  ['resnet', 32, 1, () => buildResNet({ architecture: 'resnet', mode: 'zero' }, options(32))],
  [
    'efficientnet',
    32,
    1.2,
    () => buildEfficientNet({ architecture: 'efficientnet', mode: 'zero', variant: 'b0' }, options(32)),
  ],
  [
    'efficientnetv2',
    32,
    1,
    () => buildEfficientNetV2({ architecture: 'efficientnetv2', mode: 'zero', variant: 'b0' }, options(32)),
  ],
  ['convnext', 32, 1, () => firstBlockOfConvNeXt()],
]

describe.skipIf(CHROMIUM === undefined)(`a saved model in a browser${WITHOUT_CHROMIUM}`, { timeout: 120_000 }, () => {
  const folder = temporaryFolder({ per: 'file' })
  let server: LocalServer
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    await build({
      entryPoints: ['test/support/browser-predict.ts'],
      absWorkingDir: process.cwd(), // esbuild takes the folder in which it was loaded
      outfile: join(folder.path, 'predict.js'),
      bundle: true,
      logLevel: 'error',
    })
    server = await serve(async (request, response) => {
      if (request.url === '/') response.setHeader('content-type', 'text/html').end('<script src="predict.js"></script>')
      else response.end(await readFile(join(folder.path, request.url ?? '')).catch(() => '')) // browsers ask for an icon
    })
    browser = await openBrowser()
    page = await browser.newPage()
    await page.goto(server.url)
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  it.each(NETWORKS)('predicts what stock TensorFlow.js predicts in Node: %s', async (name, side, scale, build) => {
    const { model } = build()
    scaleNorms(model, scale)
    const card = { config: name, architecture: name, mode: 'zero', classes: ['a', 'b', 'c'], trainImages: new Map() }
    const image = { size: side, fit: 'cover' } as const
    await saveModel(join(folder.path, name), model, { ...card, epochs: 1, bestEpoch: 1, image })
    const rng = seededRng(1, 'pixels', name)
    const size = side * side * 3
    const pixels = Array.from({ length: 2 * size }, (_, i) => Math.floor(i < size ? 60 * rng() : 150 + 100 * rng()))
    const ours = tf.tidy(() => {
      const input = tf.tensor(pixels, [2, side, side, 3])
      return [...(model.predict(input) as Tensor).dataSync()]
    })
    model.dispose()
    const call = `predict(${JSON.stringify(`${server.url}/${name}/model.json`)}, ${JSON.stringify(pixels)}, ${side})`
    const theirs = (await page.evaluate(call)) as number[]
    expect(theirs).toHaveLength(2 * 3)
    expect(Math.abs((ours[0] ?? 0) - (ours[3] ?? 0))).toBeGreaterThan(1e-4) // the dark image and the light one are told apart
    theirs.forEach((value, i) => {
      expect(value).toBeCloseTo(ours[i] ?? Number.NaN, 4)
    })
  })
})

/** The network as far as its first block, which has every kind of layer that it has: the whole takes a minute to load. */
function firstBlockOfConvNeXt(): Network {
  const network = buildConvNeXt({ architecture: 'convnext', mode: 'zero', variant: 'tiny' }, options(32))
  const block = network.model.getLayer('convnext_tiny_stage_0_block_0_add').output as tf.SymbolicTensor
  const head = [
    tf.layers.globalAveragePooling2d({}),
    tf.layers.layerNormalization({ epsilon: 1e-6 }),
    tf.layers.dense({ units: 3, activation: 'softmax' }),
  ]
  const outputs = head.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, block)
  return { ...network, model: tf.model({ inputs: network.model.inputs, outputs }) }
}

/** Scales, offsets and statistics that no layer begins with. */
function scaleNorms(model: tf.LayersModel, scale: number): void {
  const rng = seededRng(2, 'weights')
  const draw = (name: string) => {
    if (name.endsWith('gamma')) return scale * uniform(rng, 0.5, 1.5)
    return name.endsWith('variance') ? uniform(rng, 0.5, 1.5) : uniform(rng, -0.1, 0.1)
  }
  const norms = [...weightsOf(model)].filter(([name]) => /gamma|beta|moving/.test(name))
  setWeights(model, new Map(norms.map(([name, old]) => [name, old.map(() => draw(name))])))
}
