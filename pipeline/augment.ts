/**
 * augment: pack the decoded images of each part, and give each training image transformed variants.
 *
 * reads   artifacts/split/split.csv, artifacts/fetch/{manifest.csv, images/, images.csv}
 * writes  artifacts/augment/: <part>.npy and <part>.csv for train, validation, holdout and test; contact-sheet.png
 * params  seed, image, augment
 */

import { planRows, writeAugmented } from '../src/augment/augment.ts'
import { augmentSections } from '../src/augment/params.ts'
import { readParams } from '../src/config/params.ts'
import { paths } from '../src/core/paths.ts'
import { runScript } from '../src/core/script.ts'
import { readManifest } from '../src/dataset/manifest.ts'
import { describeParts, readSplit } from '../src/dataset/split.ts'
import { openSquares } from '../src/dataset/squares.ts'

await runScript('augment', async () => {
  const params = await readParams(augmentSections)
  const rows = planRows(await readSplit(paths.split), params.augment.copies)
  const squares = openSquares(paths.images, await readManifest(paths.manifest), params.image.size)
  try {
    await writeAugmented(paths.augment, rows, { readImage: squares.read, params })
  } finally {
    await squares.close()
  }
  return `${describeParts(rows)} arrays of ${params.image.size} px`
})
