import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../src/core/paths.ts'
import { describeParts, readSplit, type SplitRow, writeSplit } from '../../src/dataset/split.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('describeParts', () => {
  it('counts the rows of each part', () => {
    const parts: Part[] = ['test', 'train', 'holdout', 'train', 'test', 'train']
    expect(describeParts(parts.map((part) => ({ part })))).toBe('3 train, 0 validation, 1 holdout, 2 test')
  })
})

describe('writeSplit and readSplit', () => {
  const folder = temporaryFolder()

  it('keep every row, unusual names included', async () => {
    const path = join(folder.path, 'split.csv')
    const rows: SplitRow[] = [
      { id: 'train/cat/a, "b".png', label: 'cat', part: 'train' },
      { id: 'train/cat/line\nbreak;$().png', label: 'cat', part: 'holdout' },
      { id: 'test/Pferd ü.png', label: 'Pferd ü', part: 'test' },
    ]
    await writeSplit(path, rows)
    expect(await readSplit(path)).toEqual(rows)
    expect((await readFile(path, 'utf8')).startsWith('id,label,part\n')).toBe(true)
  })

  it('refuse an unknown part', async () => {
    const path = join(folder.path, 'wrong.csv')
    await writeFile(path, 'id,label,part\ntrain/cat/1.png,cat,trian\n')
    await expect(readSplit(path)).rejects.toThrow(
      `Expected a part, one of train, validation, holdout, test, for train/cat/1.png in ${path}, received trian. Run split again.`,
    )
  })
})
