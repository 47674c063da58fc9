/**
 * use: take a profile: its parameters, and its pictures under data/, pinned.
 *
 * usage   npm run use -- sample | folder --data DIR [--test DIR]
 * reads   profiles/<name>.yaml, DIR
 * writes  params.yaml, data/, data.dvc
 */
import { use } from '../src/dvc/use.ts'
import { runCommand } from '../src/stage.ts'

await runCommand('use', () => use(process.argv.slice(2)))
