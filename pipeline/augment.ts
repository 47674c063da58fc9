/**
 * augment: decode and resize every picture once, and give each training picture transformed variants.
 *
 * reads   artifacts/split/split.csv, artifacts/fetch/images/
 * writes  artifacts/augment/: <part>.npy and <part>.csv for train, validation, holdout and test; contact-sheet.png
 * params  seed, image, augment
 */
import { paths } from '../src/core/paths.ts'
import { planRows, writeAugmented } from '../src/dataset/augment.ts'
import { describeParts, readSplit } from '../src/dataset/split.ts'
import { runStage } from '../src/stage.ts'

await runStage('augment', async (params) => {
  const split = await readSplit(paths.split)
  const rows = planRows(split, params.augment.copies)
  await writeAugmented(paths.augment, rows, { images: paths.images, params })
  return `${describeParts(rows)} arrays of ${params.image.size} px`
})
