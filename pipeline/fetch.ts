/**
 * fetch: have the pinned pictures in data/, look at every one of them, and copy those that can be decoded.
 *
 * usage   node --import tsx/esm pipeline/fetch.ts <pin of data.dvc>
 * reads   data/, or DVC's remote, or what fetch.source makes
 * writes  artifacts/fetch/{images/, manifest.csv, rejected.csv}; data/ where it is missing
 * params  seed, fetch
 */
import { argv } from 'zx'
import { paths } from '../src/core/paths.ts'
import { checkPictures } from '../src/dataset/checks.ts'
import { describeFetched, writeFetched } from '../src/dataset/fetched.ts'
import { scanPictures } from '../src/dataset/scan.ts'
import { providePictures } from '../src/dataset/sources.ts'
import { hashFolder, parsePin } from '../src/dvc/pin.ts'
import { runStage } from '../src/stage.ts'

const [pin] = argv._

await runStage('fetch', async ({ seed, fetch }) => {
  const pull = async () => (await import('../src/dvc/pull.ts')).pullPictures() // loads what starts programs
  await providePictures({ folder: paths.data, pin: parsePin(pin), params: fetch, seed, hashFolder, pull })
  const scan = await scanPictures(paths.data)
  checkPictures(scan, fetch.maxRejected)
  await writeFetched(paths.data, scan)
  return describeFetched(scan)
})
