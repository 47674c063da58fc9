/**
 * use: take a profile: its parameters, and its pictures under data/, pinned.
 *
 * usage   npm run use -- sample | folder --data DIR [--test DIR] | animals10 [--test DIR]
 * reads   profiles/<name>.yaml, DIR; Kaggle and the study's repository for animals10
 * writes  params.yaml, data/, data.dvc, test-set.csv, exclude.csv
 */
import { use } from '../src/dvc/use.ts'
import { runCommand } from '../src/stage.ts'

await runCommand('use', () => use(process.argv.slice(2)))
