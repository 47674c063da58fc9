import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { expandStages, type Stage } from '../../src/dvc/stages.ts'
import { valueAt } from '../../src/dvc/values.ts'
import { openWorkspace } from '../../src/dvc/workspace.ts'

/**
 * Writes a dvc.lock in DVC's form that says that every stage of the checkout at `root` ran on what is there; what DVC keeps
 * in its cache gets made-up hashes.
 */
export async function writeLock(root: string): Promise<void> {
  const workspace = openWorkspace(root, join(root, '.dvc/cache'))
  const [pipeline, params, pin] = await Promise.all(
    ['dvc.yaml', 'params.yaml', 'data.dvc'].map(async (file) => parse(await readFile(join(root, file), 'utf8'))),
  )
  const stages = expandStages(pipeline, { ...params, ...pin })
  const entry = (path: string) => {
    const folder = path.startsWith('artifacts/') && extname(path) === ''
    if (folder && path !== 'artifacts/evaluate')
      return { path, hash: 'md5', md5: `${md5(path)}.dir`, size: 1, nfiles: 1 }
    if (path === 'artifacts/evaluate') return { path, hash: 'md5', md5: `${md5(path)}.dir`, ...total(stages) }
    const now = path.startsWith('artifacts/') ? undefined : workspace.hashOf(path)
    const size = now === undefined || now.endsWith('.dir') ? 1 : statSync(join(root, path)).size
    return {
      path,
      hash: 'md5',
      md5: now ?? md5(path),
      size,
      ...(now?.endsWith('.dir') ? { nfiles: filesIn(root, path) } : {}),
    }
  }
  const values = (file: string, keys: readonly string[]) =>
    Object.fromEntries(keys.map((key) => [key, valueAt(workspace.valuesIn(file), key)]))
  const locked = stages.map((stage) => [
    stage.name,
    {
      cmd: stage.cmd,
      deps: stage.deps.map(entry),
      params: Object.fromEntries([...stage.params].map(([file, keys]) => [file, values(file, keys)])),
      outs: stage.outs.map(({ path }) => entry(path)),
    },
  ])
  const content = { schema: '2.0', stages: Object.fromEntries(locked) }
  const text = stringify(content, { indentSeq: false, lineWidth: 80, singleQuote: true, aliasDuplicateObjects: false })
  await writeFile(join(root, 'dvc.lock'), text)
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

function total(stages: readonly Stage[]): { size: number; nfiles: number } {
  const count = stages.filter(({ group }) => group === 'evaluate').length
  return { size: count, nfiles: count }
}

function filesIn(root: string, path: string): number {
  return readdirSync(join(root, path)).length
}
