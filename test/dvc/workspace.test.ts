import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkspace } from '../../src/dvc/workspace.ts'

const FOLDER = `${'a'.repeat(32)}.dir`
const RECORD = 'b'.repeat(32)

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'paddock-workspace-'))
  for (const [hash, content] of [
    [FOLDER, [{ md5: 'c'.repeat(32), relpath: 'model/model.json' }]],
    [RECORD, { seconds: 1.5 }],
  ] as const) {
    await mkdir(join(root, 'files/md5', hash.slice(0, 2)), { recursive: true })
    await writeFile(join(root, 'files/md5', hash.slice(0, 2), hash.slice(2)), JSON.stringify(content))
  }
})
afterAll(() => rm(root, { recursive: true }))

describe('filesOf', () => {
  const filesOf = (md5: string) => openWorkspace(root, root).filesOf(md5)

  it("lists a folder's files by their paths, where the cache has the list", () => {
    expect(filesOf(FOLDER)).toEqual(new Map([['model/model.json', 'c'.repeat(32)]]))
    expect(filesOf(`${'d'.repeat(32)}.dir`)).toBeUndefined()
  })

  it('lists nothing for a file, though it is JSON as the record of a training is', () => {
    expect(filesOf(RECORD)).toBeUndefined()
  })
})
