import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Pair, readPairs, writePairs } from '../../src/dataset/pairs.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('writePairs and readPairs', () => {
  const folder = temporaryFolder()

  it('give back what was written, and refuse another file', async () => {
    const path = join(folder.path, 'pairs.csv')
    const pair: Pair = {
      id: 'train/cat/a,b.png',
      other: 'train/cat/c.png',
      kind: 'near',
      distance: 0.0314,
      certainty: 'likely',
    }
    await writePairs(path, [pair])
    expect(await readPairs(path)).toEqual([pair])
    await writePairs(path, [{ ...pair, kind: 'alike' as 'near' }])
    await expect(readPairs(path)).rejects.toThrow(
      /^Expected id,other,kind,distance,certainty in line 2 of .*, received "train\/cat\/a,b\.png",\S+alike,\S+\. Run fetch again\.$/,
    )
  })
})
