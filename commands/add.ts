/**
 * add: more images beside those in data/, without exact duplicates, and a new pin.
 *
 * reads   DIR, data/
 * writes  data/, data.dvc, records/evaluated.csv; test-set.csv when DIR has test images; params.yaml when its images were drawn or downloaded until now
 */
import { runScript } from '../src/core/script.ts'
import { add } from '../src/workspace/add.ts'

await runScript('add', () => add(process.argv.slice(2)))
