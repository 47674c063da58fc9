/**
 * dvc: this checkout's DVC, with any arguments.
 *
 * usage   npm run dvc -- metrics diff
 */

import { runScript } from '../src/core/script.ts'
import { runDvc } from '../src/dvc/run.ts'

await runScript('dvc', async () => {
  const { exitCode } = await runDvc(process.argv.slice(2))
  process.exitCode = exitCode
  return undefined
})
