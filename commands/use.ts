/**
 * use: take a profile: its parameters, and its images under data/, pinned.
 *
 * reads   profiles/<name>.yaml, DIR; Kaggle and the study's repository for animals10
 * writes  params.yaml, data/, data.dvc, test-set.csv, exclude.csv, records/evaluated.csv
 */
import { runScript } from '../src/core/script.ts'
import { use } from '../src/workspace/use.ts'

await runScript('use', () => use(process.argv.slice(2)))
