/**
 * The photographs for some epochs of training: decoded once into packed arrays, as augment writes them, and read in batches, as
 * train reads them.
 *
 * usage   PADDOCK_BENCH_PHOTOGRAPHS=DIR node bench/ours/epochs.ts EPOCHS
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import pMap from 'p-map'
import { openImages, readBatches } from '../../src/batches/batches.ts'
import { writePacked } from '../../src/batches/packed.ts'
import { seededRng, shuffled } from '../../src/core/random.ts'
import { DECODES_AT_ONCE, decodePixels } from '../../src/images/decode.ts'
import { serveRounds } from '../rounds.ts'
import { IMAGE_SIZE } from './networks.ts'
import { listPhotographs } from './photographs.ts'

const BATCH = 32

const epochs = Number(process.argv[2])
const files = await listPhotographs(process.env.PADDOCK_BENCH_PHOTOGRAPHS ?? '')
const rows = files.map((file) => ({ id: file, label: basename(dirname(file)), variant: 0 }))
const classes = [...new Set(rows.map(({ label }) => label))]

await serveRounds(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-epochs-'))
  try {
    await writePacked(folder, 'train', { rows, size: IMAGE_SIZE }, async (writeRow) => {
      const write = async (file: string, place: number) =>
        writeRow(place, await decodePixels(await readFile(file), { size: IMAGE_SIZE, fit: 'cover' }))
      await pMap(files, write, { concurrency: DECODES_AT_ONCE })
    })
    await using images = await openDisposable(folder)
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = shuffled([...files.keys()], seededRng(1, String(epoch)))
      let count = 0
      for await (const { labels } of readBatches(images, order, BATCH)) count += labels.length
      if (count !== files.length) throw new Error(`an epoch has ${count} of ${files.length} images`)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  return undefined
})

async function openDisposable(folder: string) {
  const images = await openImages('train', classes, folder)
  return { ...images, [Symbol.asyncDispose]: images.close }
}
