import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { reportLeftOut } from '../../src/workspace/image-folder.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('reportLeftOut', () => {
  temporaryFolder({ enter: true })

  const links = Array.from({ length: 8 }, (_, i) => ({ path: `cat/${i}.png`, reason: 'a link' }))
  const texts = [
    { path: '=1.txt', reason: 'a file of another format' },
    { path: 'b.txt', reason: 'a file of another format' },
  ]

  it('names each of ten files, with its reason, and writes no list', async () => {
    const lines = await reportLeftOut([...texts, ...links])
    expect(lines).toHaveLength(10)
    expect(lines[0]).toBe('left out "=1.txt": a file of another format')
    expect(existsSync('.paddock')).toBe(false)
  })

  it('counts more than ten by reason, the most frequent first, and lists them in a file', async () => {
    const hidden = { path: '.DS_Store', reason: 'hidden' }
    expect(await reportLeftOut([hidden, ...texts, ...links])).toEqual([
      'left out 11 files, listed in .paddock/left-out.csv: a link (8: cat/0.png, …); a file of another format (2: =1.txt, …); hidden (1: .DS_Store)',
    ])
    const [header, first, second, ...others] = (await readFile('.paddock/left-out.csv', 'utf8')).trim().split('\n')
    expect([header, first, second]).toEqual(['path,reason', '.DS_Store,hidden', "'=1.txt,a file of another format"])
    expect(others).toHaveLength(9)
  })
})
