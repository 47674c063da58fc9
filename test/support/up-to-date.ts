import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { byCodePoint, folderHash } from '../../src/core/dvc-objects.ts'
import { openCheckout } from '../../src/dvc/checkout.ts'
import { expandStages, type Stage, valueAt } from '../../src/dvc/pipeline.ts'

/** Writes a dvc.lock in which every stage of the checkout at `root` is up to date; cached outs have made-up hashes. */
export async function writeLock(root: string): Promise<void> {
  const checkout = openCheckout(root)
  const [pipeline, params, pin] = await Promise.all(
    ['dvc.yaml', 'params.yaml', 'data.dvc'].map(async (file) => parse(await readFile(join(root, file), 'utf8'))),
  )
  const stages = expandStages(pipeline, { ...params, ...pin })
  const entry = (path: string) => {
    const folder = path.startsWith('artifacts/') && extname(path) === ''
    if (folder) return { path, hash: 'md5', ...folderOf(path, stages) }
    const now = path.startsWith('artifacts/') ? undefined : checkout.hashOf(path)
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
    Object.fromEntries(keys.map((key) => [key, valueAt(checkout.valuesIn(file), key)]))
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

/** A folder that is an out, or holds some: one byte and one file each, with a made-up hash where an out is a folder too. */
function folderOf(path: string, stages: readonly Stage[]): { md5: string; size: number; nfiles: number } {
  const inside = stages.flatMap(({ outs }) => outs).filter((out) => out.path.startsWith(`${path}/`))
  const isMadeOfFiles = inside.length > 0 && inside.every((out) => extname(out.path) !== '')
  const files = inside.map((out) => ({ relpath: out.path.slice(path.length + 1), md5: md5(out.path) }))
  const hash = isMadeOfFiles ? folderHash(files.sort((a, b) => byCodePoint(a.relpath, b.relpath))) : `${md5(path)}.dir`
  return { md5: hash, size: inside.length || 1, nfiles: inside.length || 1 }
}

function filesIn(root: string, path: string): number {
  return readdirSync(join(root, path)).length
}
