import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exists, readSha256, sha256, writeFileAtomically, writeFolderAtomically } from '../../src/core/files.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

describe('writeFileAtomically', () => {
  it('writes the file and the folders on the way, and leaves nothing beside it', async () => {
    await writeFileAtomically(join(folder.path, 'a/b/c.txt'), 'text')
    expect(await readFile(join(folder.path, 'a/b/c.txt'), 'utf8')).toBe('text')
    expect(await readdir(join(folder.path, 'a/b'))).toEqual(['c.txt'])
  })

  it('leaves what was there, and nothing else, when it cannot write', async () => {
    await mkdir(join(folder.path, 'place'))
    await expect(writeFileAtomically(join(folder.path, 'place'), 'text')).rejects.toThrow()
    expect(await readdir(folder.path)).toEqual(['place'])
  })
})

describe('writeFolderAtomically', () => {
  it('puts a new folder in the place of the old one', async () => {
    const place = join(folder.path, 'out')
    await mkdir(place)
    await writeFile(join(place, 'old'), '')
    await writeFolderAtomically(place, (temporary) => writeFile(join(temporary, 'new'), ''))
    expect(await readdir(place)).toEqual(['new'])
  })

  it('keeps the old one when filling fails', async () => {
    const place = join(folder.path, 'out')
    await mkdir(place)
    await writeFile(join(place, 'old'), '')
    const failure = writeFolderAtomically(place, async (temporary) => {
      await writeFile(join(temporary, 'half'), '')
      throw new Error('full')
    })
    await expect(failure).rejects.toThrow('full')
    expect(await readdir(folder.path)).toEqual(['out'])
    expect(await readdir(place)).toEqual(['old'])
  })
})

describe('sha256', () => {
  // FIPS 180-2, appendix B.1
  const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

  it('is the known digest of "abc", of bytes and of a file', async () => {
    await writeFile(join(folder.path, 'abc'), 'abc')
    expect(sha256('abc')).toBe(ABC)
    expect(await readSha256(join(folder.path, 'abc'))).toBe(ABC)
  })
})

describe('exists', () => {
  it('tells files and folders from nothing', async () => {
    expect([await exists(folder.path), await exists(join(folder.path, 'none'))]).toEqual([true, false])
  })
})
