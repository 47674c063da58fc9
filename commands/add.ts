/**
 * add: more training pictures beside those in data/, without exact duplicates, and a new pin.
 *
 * usage   npm run add -- DIR
 * reads   DIR, data/
 * writes  data/train/, data.dvc; params.yaml when its pictures were drawn or downloaded until now
 */
import { add } from '../src/dvc/add.ts'
import { runCommand } from '../src/stage.ts'

await runCommand('add', () => add(process.argv.slice(2)))
