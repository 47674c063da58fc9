/**
 * fetch: get the pinned images into data/, decode every one of them, compare the test set with the frozen one, and find images
 * of the same photograph.
 *
 * usage   pipeline/node pipeline/fetch.ts <pin of data.dvc> [<image.size>, only for DVC]
 * reads   data/, or DVC's remote, or what fetch.source makes; test-set.csv, exclude.csv
 * writes  artifacts/fetch/{images/, images.csv, manifest.csv, rejected.csv, pairs.csv}; data/ where it is missing
 * params  seed, fetch, image
 */
import { join } from 'node:path'
import { argv } from 'zx'
import { readParams } from '../src/config/params.ts'
import { writeFolderAtomically } from '../src/core/files.ts'
import { paths } from '../src/core/paths.ts'
import { runScript } from '../src/core/script.ts'
import { readTestSet } from '../src/core/test-set.ts'
import { readExclusions } from '../src/dataset/exclusions.ts'
import { parsePin } from '../src/dataset/pin.ts'
import { openSquareWriter } from '../src/dataset/squares.ts'
import { checkTestSet, testSetOf } from '../src/dataset/test-set.ts'
import { findPairs } from '../src/fetch/duplicates.ts'
import { fetchSections } from '../src/fetch/params.ts'
import { checkScan, describeScan, scanImages, writeTables } from '../src/fetch/scan.ts'
import { provideImages } from '../src/fetch/sources.ts'
import { openThumbnails } from '../src/fetch/thumbnails.ts'

const [pin] = argv._

await runScript('fetch', async () => {
  const { seed, fetch, image } = await readParams(fetchSections)
  const wanted = parsePin(pin)
  const pull = async () => (await import('../src/fetch/pull.ts')).pullImages(wanted) // loads what starts programs
  await provideImages({ folder: paths.data, pin: wanted, params: fetch, seed, pull })
  return writeFolderAtomically(paths.fetch, async (folder) => {
    const squares = openSquareWriter(join(folder, 'images'), image.size)
    using thumbnails = fetch.nearDuplicates ? openThumbnails(folder) : undefined
    const scan = await scanImages(paths.data, { image, squares, thumbnails })
    checkScan(scan, fetch.maxRejected)
    checkTestSet(await readTestSet(), testSetOf(scan.accepted, await readExclusions()))
    await squares.finish()
    await writeTables(folder, scan, findPairs(scan.accepted, thumbnails && { ...scan, thumbnails }))
    return describeScan(scan)
  })
})
