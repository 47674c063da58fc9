/**
 * augment: have every image decoded and resized once, as fetch kept it or anew, and give each training image transformed variants.
 *
 * reads   artifacts/split/split.csv, artifacts/fetch/images/; the cache of pixels
 * writes  artifacts/augment/: <part>.npy and <part>.csv for train, validation, holdout and test; contact-sheet.png
 * params  seed, image, augment
 */

import { planRows, writeAugmented } from '../src/augment/augment.ts'
import { augmentSections } from '../src/augment/params.ts'
import { readParams } from '../src/config/params.ts'
import { paths } from '../src/core/paths.ts'
import { runScript } from '../src/core/stage.ts'
import { describeParts, readSplit } from '../src/dataset/split.ts'
import { openPixels } from '../src/fetch/pixel-cache.ts'

await runScript('augment', async () => {
  const params = await readParams(augmentSections)
  const split = await readSplit(paths.split)
  const rows = planRows(split, params.augment.copies)
  const cache = await openPixels('augment', params.image)
  await writeAugmented(paths.augment, rows, { images: paths.images, params, cache })
  return `${describeParts(rows)} arrays of ${params.image.size} px`
})
