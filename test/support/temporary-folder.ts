import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'

interface Options {
  /** `test`: a fresh folder for each test; `file`: one for all tests of the file or of the `describe` that asks for it. */
  readonly per?: 'test' | 'file'
  /** Makes the folder the working directory while it exists. */
  readonly enter?: boolean
}

/** A temporary folder: its `path` is set before a test runs, and it is removed afterwards. */
export function temporaryFolder({ per = 'test', enter = false }: Options = {}): { readonly path: string } {
  const folder = { path: '' }
  const from = process.cwd()
  const [before, after] = per === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll]
  before(async () => {
    folder.path = await mkdtemp(join(tmpdir(), 'paddock-'))
    if (enter) process.chdir(folder.path)
  })
  after(async () => {
    if (enter) process.chdir(from)
    await rm(folder.path, { recursive: true, force: true })
  })
  return folder
}
