/**
 * split: give every labelled picture to train, validation or holdout by a hash of its content; the test set stays as it is.
 *
 * reads   artifacts/fetch/manifest.csv
 * writes  artifacts/split/split.csv
 * params  seed, split
 */
import { paths } from '../src/core/paths.ts'
import { classesOf } from '../src/dataset/classes.ts'
import { readManifest } from '../src/dataset/manifest.ts'
import { describeParts, splitByContent, writeSplit } from '../src/dataset/split.ts'
import { runStage } from '../src/stage.ts'

await runStage('split', async (params) => {
  const manifest = await readManifest(paths.manifest)
  const rows = splitByContent(manifest, params.split, params.seed)
  await writeSplit(paths.split, rows)
  return `${describeParts(rows)} images of ${classesOf(rows).length} classes`
})
