/**
 * All photographs as pixels, as augment decodes them: read, decoded, cropped, resized.
 *
 * usage   PADDOCK_BENCH_PHOTOGRAPHS=DIR node bench/ours/decode.ts
 */
import { readFile } from 'node:fs/promises'
import pMap from 'p-map'
import { DECODES_AT_ONCE, decodePixels } from '../../src/images/decode.ts'
import { serveRounds } from '../rounds.ts'
import { IMAGE_SIZE } from './networks.ts'
import { listPhotographs } from './photographs.ts'

const files = await listPhotographs(process.env.PADDOCK_BENCH_PHOTOGRAPHS ?? '')

await serveRounds(async () => {
  const decode = async (file: string) => decodePixels(await readFile(file), { size: IMAGE_SIZE, fit: 'cover' })
  await pMap(files, decode, { concurrency: DECODES_AT_ONCE })
  return undefined
})
