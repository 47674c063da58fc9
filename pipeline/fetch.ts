/**
 * fetch: have the pinned images in data/, look at every one of them, hold the test set to the frozen one, find images that
 * are one photograph, and copy those that can be decoded.
 *
 * usage   pipeline/node pipeline/fetch.ts <pin of data.dvc>
 * reads   data/, or DVC's remote, or what fetch.source makes; test-set.csv, exclude.csv
 * writes  artifacts/fetch/{images/, manifest.csv, rejected.csv, pairs.csv}; data/ where it is missing; a cache of pixels
 * params  seed, fetch, image
 */
import { argv } from 'zx'
import { readParams } from '../src/config/params.ts'
import { paths } from '../src/core/paths.ts'
import { runScript } from '../src/core/stage.ts'
import { readTestSet } from '../src/core/test-set.ts'
import { readExclusions } from '../src/dataset/exclude.ts'
import { findPairs } from '../src/dataset/pairs.ts'
import { parsePin } from '../src/dataset/pin.ts'
import { checkTestSet, testSetOf } from '../src/dataset/test-set.ts'
import { checkImages } from '../src/fetch/checks.ts'
import { describeFetched, writeFetched } from '../src/fetch/fetched.ts'
import { fetchSections } from '../src/fetch/params.ts'
import { openPixels } from '../src/fetch/pixel-cache.ts'
import { scanImages } from '../src/fetch/scan.ts'
import { provideImages } from '../src/fetch/sources.ts'

const [pin] = argv._

await runScript('fetch', async () => {
  const { seed, fetch, image } = await readParams(fetchSections)
  const pull = async () => (await import('../src/fetch/pull.ts')).pullImages() // loads what starts programs
  await provideImages({ folder: paths.data, pin: parsePin(pin), params: fetch, seed, pull })
  const scan = await scanImages(paths.data, { image, cache: await openPixels('fetch', image) })
  checkImages(scan, fetch.maxRejected)
  checkTestSet(await readTestSet(), testSetOf(scan.accepted, await readExclusions()))
  const pairs = findPairs(scan.accepted, scan.fingerprints)
  await writeFetched(paths.data, { ...scan, pairs })
  return describeFetched(scan)
})
