/**
 * split: assign every labelled image to train, validation or holdout by a hash of its content; the test set stays as it is.
 *
 * reads   artifacts/fetch/{manifest.csv, pairs.csv}, exclude.csv, records/evaluated.csv
 * writes  artifacts/split/{split.csv, groups.csv, excluded.csv}
 * params  seed, split
 */
import { readParams } from '../src/config/params.ts'
import { paths } from '../src/core/paths.ts'
import { runScript } from '../src/core/script.ts'
import { readEvaluated } from '../src/dataset/evaluated.ts'
import { readExclusions, selectImages } from '../src/dataset/exclusions.ts'
import { readManifest } from '../src/dataset/manifest.ts'
import { readPairs } from '../src/dataset/pairs.ts'
import { checkPairs, groupsOf } from '../src/split/groups.ts'
import { splitSections } from '../src/split/params.ts'
import { describeUneven, splitByContent } from '../src/split/split.ts'
import { describeSplit, writeSplitFolder } from '../src/split/split-folder.ts'

await runScript('split', async () => {
  const { seed, split } = await readParams(splitSections)
  const { used, excluded } = selectImages(await readManifest(paths.manifest), await readExclusions())
  const pairs = await readPairs(paths.pairs)
  const warning = checkPairs(used, pairs)
  if (warning) console.error(`split: warning: ${warning}`)
  const groups = groupsOf(used, pairs)
  const rows = splitByContent(used, split, seed, { groups, evaluated: await readEvaluated() })
  for (const line of describeUneven(rows, split)) console.error(`split: warning: ${line}`)
  await writeSplitFolder(paths.splitFolder, { rows, groups, pairs, excluded })
  return describeSplit({ rows, groups, excluded })
})
