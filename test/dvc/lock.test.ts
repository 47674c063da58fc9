import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { hashFolder } from '../../src/fetch/folder-hash.ts'

interface LockedStage {
  readonly deps?: readonly { readonly path: string; readonly md5: string }[]
  readonly params?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const { stages } = parse(await readFile('dvc.lock', 'utf8')) as { stages: Readonly<Record<string, LockedStage>> }
const pin = parse(await readFile('data.dvc', 'utf8')) as { outs: [{ md5: string }] }

/** The value at a path such as `models.original-zero`. */
function valueAt(document: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document)
}

/** As DVC hashes a file or a folder. */
async function md5Of(path: string): Promise<string> {
  if ((await stat(path)).isDirectory()) return (await hashFolder(path)).md5
  return createHash('md5')
    .update(await readFile(path))
    .digest('hex')
}

describe('the committed dvc.lock', () => {
  it.each(Object.entries(stages))('was made by the code and the parameters that are here: %s', async (_name, stage) => {
    const code = (stage.deps ?? []).filter(({ path }) => !/^(artifacts|results)\//.test(path) && existsSync(path))
    const changed: string[] = []
    for (const { path, md5 } of code) {
      if ((await md5Of(path)) !== md5) changed.push(path)
    }
    expect(changed).toEqual([])
    expect(code.length).toBeGreaterThan(3)
    for (const [file, values] of Object.entries(stage.params ?? {})) {
      const document = parse(await readFile(file, 'utf8')) as unknown
      for (const [path, value] of Object.entries(values)) expect([path, valueAt(document, path)]).toEqual([path, value])
    }
  })

  it('was made from the pinned images', () => {
    expect(JSON.stringify(stages.fetch)).toContain(pin.outs[0].md5)
  })
})
