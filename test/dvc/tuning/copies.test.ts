import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { removeCopies } from '../../../src/dvc/tuning/copies.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

temporaryFolder({ per: 'file', enter: true })

const COPIES = '.dvc/tmp/exps/standalone'

/** A copy as DVC 3.67.1 leaves it when it is killed: two notes, which begin with the same fields as here. */
async function leaveCopy(name: string, copy: string): Promise<void> {
  const note = JSON.stringify({ location: 'tempdir', root_dir: join(process.cwd(), copy), name, status: 2 })
  await mkdir(join(copy, 'src'), { recursive: true })
  for (const notes of ['.dvc/tmp/exps/run', `${COPIES}/run`]) {
    await mkdir(join(notes, name), { recursive: true })
    await writeFile(join(notes, name, `${name}.run`), note)
  }
}

describe('removeCopies', () => {
  it('does nothing where there are none', async () => {
    await removeCopies(() => true)
    expect(await readdir('.')).toEqual([])
  })

  it('removes the copies and notes of the named experiments alone', async () => {
    await leaveCopy('one', `${COPIES}/tmpone`)
    await leaveCopy('two', `${COPIES}/tmptwo`)
    await removeCopies((name) => name === 'one')
    expect((await readdir(COPIES)).sort()).toEqual(['run', 'tmptwo'])
    expect(await readdir(`${COPIES}/run`)).toEqual(['two'])
    expect(await readdir('.dvc/tmp/exps/run')).toEqual(['two'])
  })

  it('removes no folder outside those of DVC', async () => {
    await leaveCopy('three', 'mine')
    await removeCopies(() => true)
    expect(await readdir('mine')).toEqual(['src'])
  })
})
