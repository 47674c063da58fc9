import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/files.ts'
import { bundle } from '../../src/report/bundle.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

describe('bundle', () => {
  it('is kept, and made again when a file that it was made of changes or what was kept is damaged', async () => {
    const write = async (name: string, text: string) => {
      await writeFile(join(folder.path, name), text)
      await utimes(join(folder.path, name), 1, 1) // a file that changes while it is read is not kept
    }
    const kept = join(folder.path, 'kept')
    const make = () => bundle(pathToFileURL(join(folder.path, 'main.ts')), { format: 'esm' }, kept)
    await write('main.ts', "import { answer } from './answer.ts'\nconsole.log(answer)\n")
    await write('answer.ts', 'export const answer: number = 42\n')
    expect(await make()).toBe('console.log(42);\n')

    const [name = ''] = await readdir(kept)
    const change = async (changes: object) => {
      const before = JSON.parse(await readFile(join(kept, name), 'utf8'))
      await writeFile(join(kept, name), JSON.stringify({ ...before, ...changes }))
    }
    await change({ text: 'of an earlier run', sha256: sha256('of an earlier run') })
    expect(await make()).toBe('of an earlier run')

    await change({ text: 'damaged' })
    expect(await make()).toBe('console.log(42);\n')

    await write('answer.ts', 'export const answer: number = 43\n')
    expect(await make()).toBe('console.log(43);\n')
    expect(await readdir(kept)).toEqual([name])
  })
})
