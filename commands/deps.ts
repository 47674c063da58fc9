/**
 * deps: write the code that each stage depends on into dvc.yaml and packages.json.
 *
 * usage   npm run deps [-- --check]
 * reads   dvc.yaml, packages.json, package-lock.json, and the import closure of each stage's script
 * writes  dvc.yaml, packages.json
 */

import { runScript } from '../src/core/stage.ts'
import { deps } from '../src/dvc/write-deps.ts'

await runScript('deps', () => deps(process.argv.slice(2)))
