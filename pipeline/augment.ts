/**
 * augment: have every picture decoded and resized once, as fetch kept it or anew, and give each training picture transformed variants.
 *
 * reads   artifacts/split/split.csv, artifacts/fetch/images/; the cache of pixels
 * writes  artifacts/augment/: <part>.npy and <part>.csv for train, validation, holdout and test; contact-sheet.png
 * params  seed, image, augment
 */
import { paths } from '../src/core/paths.ts'
import { planRows, writeAugmented } from '../src/dataset/augment.ts'
import { openPixels } from '../src/dataset/pixel-cache.ts'
import { describeParts, readSplit } from '../src/dataset/split.ts'
import { runStage } from '../src/stage.ts'

await runStage('augment', async (params) => {
  const split = await readSplit(paths.split)
  const rows = planRows(split, params.augment.copies)
  const cache = await openPixels('augment', params.image)
  await writeAugmented(paths.augment, rows, { images: paths.images, params, cache })
  return `${describeParts(rows)} arrays of ${params.image.size} px`
})
