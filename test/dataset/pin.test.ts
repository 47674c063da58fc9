import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/core/errors.ts'
import { parsePin, readPin } from '../../src/dataset/pin.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

describe('readPin', () => {
  it('reads what dvc add writes', async () => {
    const path = join(folder.path, 'data.dvc')
    await writeFile(
      path,
      'outs:\n- md5: aaec8cb10f6c3b305dc68b40401e8ba9.dir\n  size: 187\n  nfiles: 14\n  hash: md5\n  path: data\n',
    )
    expect(await readPin(path)).toEqual({ md5: 'aaec8cb10f6c3b305dc68b40401e8ba9.dir', size: 187, nfiles: 14 })
  })

  it.each([
    '',
    'outs: []\n',
    'outs:\n- md5: aaec8cb10f6c3b305dc68b40401e8ba9\n  size: 1\n  path: data\n',
    '<<<<<<< HEAD\nouts: {',
  ])('refuses %j', async (text) => {
    const path = join(folder.path, 'data.dvc')
    await writeFile(path, text)
    await expect(readPin(path)).rejects.toThrow(/^Expected one folder with md5, size and nfiles in .*data\.dvc/)
  })

  it('says what to do without a file', async () => {
    await expect(readPin(join(folder.path, 'data.dvc'))).rejects.toThrow(
      /nothing at .*Restore it from git \(`git checkout -- data\.dvc`\)/,
    )
  })
})

describe('parsePin', () => {
  it('takes the hash of a folder', () => {
    expect(parsePin('aaec8cb10f6c3b305dc68b40401e8ba9.dir')).toBe('aaec8cb10f6c3b305dc68b40401e8ba9.dir')
  })

  it.each([
    undefined,
    '',
    'aaec8cb10f6c3b305dc68b40401e8ba9',
    'AAEC8CB10F6C3B305DC68B40401E8BA9.dir',
    '../x.dir',
    'a\nb',
  ])('refuses %j in one line', (argument) => {
    expect(() => parsePin(argument)).toThrow(ConfigError)
    expect(() => parsePin(argument)).toThrow(/^Expected the pin of the images .*received [^\n]*\.$/)
  })
})
