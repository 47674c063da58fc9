/**
 * What the work itself takes, without stages around it: decoding, features and the head, in one process; and what it takes
 * to start node once a stage.
 *
 * usage   PADDOCK_BENCH_PHOTOGRAPHS=DIR node bench/ours/gate-parts.ts
 */
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { execa } from 'execa'
import pMap from 'p-map'
import type { Examples } from '../../src/batches/batches.ts'
import { loadParams } from '../../src/command-line/params.ts'
import { DECODES_AT_ONCE, decodePixels } from '../../src/images/decode.ts'
import { buildNetwork } from '../../src/network/registry.ts'
import { graphAfter, graphUpTo, layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import { fit as fitPhase, startPhase } from '../../src/train/fit.ts'
import { noCheckpointer, silent } from '../../test/support/uninterrupted.ts'
import { serveRounds } from '../rounds.ts'
import { EPOCHS } from './gate-clone.ts'
import { IMAGE_SIZE } from './networks.ts'
import { listPhotographs } from './photographs.ts'

const STAGES = 7
const PIXELS = IMAGE_SIZE ** 2 * 3

const files = await listPhotographs(process.env.PADDOCK_BENCH_PHOTOGRAPHS ?? '')
const labelsOf = files.map((file) => basename(dirname(file)))
const classes = [...new Set(labelsOf)]
const given = (await loadParams('profiles/folder.yaml')).train
const train = { ...given, epochs: EPOCHS, stopping: { ...given.stopping, early: null } }
const entry = { architecture: 'mobilenet', mode: 'transfer', width: 0.75 } as const
const network = await buildNetwork(
  { name: 'bench', entry, train },
  { imageSize: IMAGE_SIZE, classCount: classes.length, seed: 1 },
)
const graph = layerGraphOf(network.model)
const weights = weightsOf(network.model)
const backbone = { graph: graphUpTo(graph, network.features), weights }

async function decodeAll(): Promise<Uint8Array> {
  const pixels = new Uint8Array(files.length * PIXELS)
  const decode = async (file: string, place: number) =>
    pixels.set(await decodePixels(await readFile(file), { size: IMAGE_SIZE, fit: 'cover' }), place * PIXELS)
  await pMap(files, decode, { concurrency: DECODES_AT_ONCE })
  return pixels
}

/** `[images][C]` */
function featuresOf(pixels: Uint8Array): Float32Array[] {
  const inference = openInference(backbone, { inputShape: [IMAGE_SIZE, IMAGE_SIZE, 3], engine: 'compiled' })
  const features: Float32Array[] = []
  for (let start = 0; start < files.length; start += train.inferenceBatchSize) {
    const count = Math.min(train.inferenceBatchSize, files.length - start)
    const batch = inference.run(pixels.slice(start * PIXELS, (start + count) * PIXELS), count)
    const width = batch.length / count
    for (let i = 0; i < count; i++) features.push(batch.slice(i * width, (i + 1) * width))
  }
  inference.dispose()
  return features
}

function examplesOf(features: readonly Float32Array[], belongs: (place: number) => boolean): Examples {
  const places = [...features.keys()].filter(belongs)
  const width = features[0]?.length ?? 0
  return {
    count: places.length,
    variants: 1,
    inputShape: [width],
    labels: Int32Array.from(places, (place) => classes.indexOf(labelsOf[place] ?? '')),
    ids: places.map(String),
    read: async (rows) => {
      const batch = new Float32Array(rows.length * width)
      for (const [i, row] of rows.entries()) batch.set(features[places[row] ?? 0] ?? [], i * width)
      return batch
    },
    close: async () => {},
  }
}

/** Of ten images eight are trained on, one validates. */
async function trainHead(features: readonly Float32Array[]): Promise<void> {
  const job = {
    phase: 'head' as const,
    graph: graphAfter(graph, network.features),
    weights,
    training: examplesOf(features, (place) => place % 10 < 8),
    validation: examplesOf(features, (place) => place % 10 === 8),
    classes,
    params: train,
    seed: 1,
  }
  await fitPhase(job, startPhase(job), { checkpointer: noCheckpointer, callbacks: silent })
}

async function startNode(): Promise<void> {
  for (let stage = 0; stage < STAGES; stage++) await execa(process.execPath, ['src/core/script.ts'])
}

await serveRounds(
  async () => {
    const parts: Record<string, number> = {}
    const timed = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
      const start = performance.now()
      const result = await work()
      parts[name] = (performance.now() - start) / 1000
      return result
    }
    const pixels = await timed('decode', decodeAll)
    const features = await timed('features', () => featuresOf(pixels))
    await timed('head', () => trainHead(features))
    await timed('starts of node, one a stage', startNode)
    return { parts }
  },
  { warmUp: false },
)
