import { join } from 'node:path'
import { writeFileAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { readText } from './checkout.ts'
import { withoutStages } from './lock.ts'
import { leftoversOf, readPipeline } from './pipeline.ts'

/**
 * Removes the entries of stages that dvc.yaml no longer has from dvc.lock, and returns their names.
 *
 * DVC itself keeps them for good: it only writes the entry of a stage that ran.
 *
 * @throws BrokenError when a file of the pipeline cannot be read; then nothing has changed
 */
export async function forgetGoneStages(root = '.'): Promise<string[]> {
  const gone = leftoversOf(readPipeline(root))
  if (gone.length === 0) return []
  const file = join(root, paths.dvcLock)
  await writeFileAtomically(file, withoutStages(readText(file) ?? '', gone))
  return gone
}
