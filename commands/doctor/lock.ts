/** Reads dvc.yaml, dvc.lock and the files that they name, and prints as JSON how many stages have run, or the fault. */
import { existsSync } from 'node:fs'
import { paths } from '../../src/core/paths.ts'
import { BrokenError } from '../../src/dvc/broken.ts'
import { readPipeline } from '../../src/dvc/pipeline.ts'

try {
  const { lock } = readPipeline()
  console.log(JSON.stringify({ stages: existsSync(paths.dvcLock) ? lock.size : undefined }))
} catch (error) {
  if (!(error instanceof BrokenError)) throw error
  console.log(JSON.stringify({ problem: error.message }))
}
