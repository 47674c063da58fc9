/**
 * split: give every labelled picture to train, validation or holdout by a hash of its content; the test set stays as it is.
 *
 * reads   artifacts/fetch/{manifest.csv, pairs.csv}, exclude.csv
 * writes  artifacts/split/{split.csv, groups.csv, excluded.csv}
 * params  seed, split
 */
import { paths } from '../src/core/paths.ts'
import { readExclusions, selectPictures } from '../src/dataset/exclude.ts'
import { groupsOf } from '../src/dataset/groups.ts'
import { checkPairs, checkParts } from '../src/dataset/leaks.ts'
import { readManifest } from '../src/dataset/manifest.ts'
import { readPairs } from '../src/dataset/pairs.ts'
import { splitByContent } from '../src/dataset/split.ts'
import { describeSplit, writeSplitFiles } from '../src/dataset/split-files.ts'
import { runStage } from '../src/stage.ts'

await runStage('split', async (params) => {
  const { used, excluded } = selectPictures(await readManifest(paths.manifest), await readExclusions())
  const pairs = await readPairs(paths.pairs)
  checkPairs(used, pairs)
  const groups = groupsOf(used, pairs)
  const rows = splitByContent(used, params.split, params.seed, groups)
  checkParts(rows, pairs)
  await writeSplitFiles(paths.splitFolder, { rows, groups, pairs, excluded })
  return describeSplit({ rows, groups, excluded })
})
