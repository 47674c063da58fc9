import { join } from 'node:path'
import { writeFileAtomically } from '../../src/core/files.ts'
import { paths } from '../../src/core/paths.ts'

/** Writes what report reads of a trained model, below `folder`: what it says of itself. The weights are but copied. */
export async function writeModelFiles(folder: string, name: string, classes: readonly string[]): Promise<void> {
  const card = { config: name, classes, image: { size: 32, fit: 'cover' } }
  const model = join(folder, paths.model(name))
  await writeFileAtomically(join(model, 'model.json'), `${JSON.stringify({ userDefinedMetadata: card })}\n`)
  await writeFileAtomically(join(model, 'weights.bin'), name)
}
