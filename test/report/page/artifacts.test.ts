import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writePacked } from '../../../src/batches/packed.ts'
import { readNearDuplicates } from '../../../src/report/page/near-duplicates.ts'
import { readRuns, removeForeignRuns } from '../../../src/report/page/runs.ts'
import { duration } from '../../../src/report/page/runs-table.ts'
import { readThumbnails } from '../../../src/report/page/thumbnails.ts'

const before = process.cwd()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-artifacts-'))
  process.chdir(folder)
})
afterAll(async () => {
  process.chdir(before)
  await rm(folder, { recursive: true })
})

describe('readThumbnails', () => {
  const SIDE = 200
  beforeAll(async () => {
    await mkdir('artifacts/augment', { recursive: true })
    const rows = [
      { id: 'a', label: 'cat', variant: 0 },
      { id: 'b', label: 'cat', variant: 0 },
      { id: 'a', label: 'cat', variant: 1 },
    ]
    await writePacked('artifacts/augment', 'train', { rows, size: SIDE }, async (writeRow) => {
      for (const row of rows.keys()) await writeRow(row, new Uint8Array(SIDE * SIDE * 3).fill(100 * row))
    })
  })

  it('makes small WebP images of the plain variants, in the order that was asked for', async () => {
    const wanted = ['b', 'a'].map((id) => ({ id, part: 'train' as const, label: 'cat' }))
    const thumbnails = await readThumbnails(wanted)
    const decoded = thumbnails.map(async (uri) => {
      expect(uri).toMatch(/^data:image\/webp;base64,/)
      const { data, info } = await sharp(Buffer.from(uri.split(',')[1] ?? '', 'base64'))
        .raw()
        .toBuffer({ resolveWithObject: true })
      return [info.width, info.height, Math.round((data[0] ?? 0) / 10)] // WebP is off by one or two
    })
    expect(await Promise.all(decoded)).toEqual([
      [160, 160, 10],
      [160, 160, 0],
    ])
  })

  it('fails on an image that augment did not pack', async () => {
    await expect(readThumbnails([{ id: 'c', part: 'train', label: 'cat' }])).rejects.toThrow(
      'Expected c in artifacts/augment/train.npy, received no such image. Run `npm run repro`.',
    )
  })
})

describe('readNearDuplicates', () => {
  it('reads the ids of each group, in the order of the file', async () => {
    await writeFile('groups.csv', 'group,id,part\n2,a,train\n1,c,test\n2,b,train\n1,d,test\n')
    expect(await readNearDuplicates('groups.csv')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })
  it('knows of no groups where nobody looked', async () => {
    expect(await readNearDuplicates('none.csv')).toBeUndefined()
  })
})

describe('artifacts/runs', () => {
  it('is read in the order of the configurations, and a record that is none is named', async () => {
    await mkdir('artifacts/runs', { recursive: true })
    const run = {
      device: 'CPU',
      node: '20',
      tensorflow: '2',
      threads: 2,
      seconds: 1.5,
      inputStallSeconds: 0,
      epochs: 3,
    }
    for (const config of ['a', 'b'])
      await writeFile(`artifacts/runs/${config}.json`, JSON.stringify({ ...run, config }))
    expect((await readRuns(['b', 'a'])).map(({ config }) => config)).toEqual(['b', 'a'])
    await writeFile('artifacts/runs/gone.json', '{}')
    await expect(readRuns(['gone'])).rejects.toThrow(
      /^Expected the record of a training in artifacts\/runs\/gone\.json, received: .*Train the configuration again\.$/s,
    )
  })

  it('loses the records of configurations that are no more, and no other file', async () => {
    await writeFile('artifacts/runs/.gitignore', '')
    await removeForeignRuns('artifacts/runs', ['a', 'b'])
    expect((await readdir('artifacts/runs')).sort()).toEqual(['.gitignore', 'a.json', 'b.json'])
  })
})

describe('duration', () => {
  it.each([
    [4.25, '4.3 s'],
    [83.4, '1 min 23 s'],
    [7500, '2 h 5 min'],
    [Number.NaN, '–'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text)
  })
})
