import { readFile } from 'node:fs/promises'
import { parseDocument } from 'yaml'
import { parseParams } from '../../command-line/params.ts'
import { writeFileAtomically } from '../../core/files.ts'
import { paths } from '../../core/paths.ts'

/** The text of params.yaml with another seed in some entries of `models`; comments and all else stay. */
export function withSeed(text: string, names: readonly string[], seed: number): string {
  const document = parseDocument(text)
  for (const name of names) document.setIn(['models', name, 'seed'], seed)
  const changed = document.toString({ lineWidth: 0 })
  parseParams(changed)
  return changed
}

/** Gives some configurations another seed, in params.yaml; does nothing where none is asked for. Gives whether it did. */
export async function applySeed(names: readonly string[], seed: number | undefined): Promise<boolean> {
  if (seed === undefined) return false
  await writeFileAtomically(paths.params, withSeed(await readFile(paths.params, 'utf8'), names, seed))
  return true
}
