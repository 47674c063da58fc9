/**
 * fetch: have the pinned pictures in data/, look at every one of them, hold the test set to the frozen one, find pictures that
 * are one photograph, and copy those that can be decoded.
 *
 * usage   node --import tsx/esm pipeline/fetch.ts <pin of data.dvc>
 * reads   data/, or DVC's remote, or what fetch.source makes; test-set.csv, exclude.csv
 * writes  artifacts/fetch/{images/, manifest.csv, rejected.csv, pairs.csv}; data/ where it is missing; a cache of pixels
 * params  seed, fetch, image
 */
import { argv } from 'zx'
import { paths } from '../src/core/paths.ts'
import { checkPictures } from '../src/dataset/checks.ts'
import { readExclusions } from '../src/dataset/exclude.ts'
import { describeFetched, writeFetched } from '../src/dataset/fetched.ts'
import { findPairs } from '../src/dataset/pairs.ts'
import { openPixels } from '../src/dataset/pixel-cache.ts'
import { scanPictures } from '../src/dataset/scan.ts'
import { providePictures } from '../src/dataset/sources.ts'
import { checkTestSet, readTestSet, testSetOf } from '../src/dataset/test-set.ts'
import { hashFolder, parsePin } from '../src/dvc/pin.ts'
import { runStage } from '../src/stage.ts'

const [pin] = argv._

await runStage('fetch', async ({ seed, fetch, image }) => {
  const pull = async () => (await import('../src/dvc/pull.ts')).pullPictures() // loads what starts programs
  await providePictures({ folder: paths.data, pin: parsePin(pin), params: fetch, seed, hashFolder, pull })
  const scan = await scanPictures(paths.data, { image, cache: await openPixels('fetch', image) })
  checkPictures(scan, fetch.maxRejected)
  checkTestSet(await readTestSet(), testSetOf(scan.accepted, await readExclusions()))
  const pairs = findPairs(scan.accepted, scan.fingerprints)
  await writeFetched(paths.data, { ...scan, pairs })
  return describeFetched(scan)
})
