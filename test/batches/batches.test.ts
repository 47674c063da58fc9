import { readdir, readlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Examples, openImages, readBatches } from '../../src/batches/batches.ts'
import { writePacked } from '../../src/batches/packed.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CLASSES = ['cat', 'dog']
const SIDE = 2
const PIXELS = SIDE * SIDE * 3

const folder = temporaryFolder({ per: 'file' })
let examples: Examples

/** Three images in two variants; every byte of a row is the number of the row. */
beforeAll(async () => {
  const labels = ['cat', 'dog', 'dog']
  const rows = [0, 1].flatMap((variant) =>
    labels.map((label, i) => ({ id: `train/${label}/${i}.png`, label, variant })),
  )
  await writePacked(folder.path, 'train', { rows, size: SIDE }, async (writeRow) => {
    for (let row = rows.length - 1; row >= 0; row--) await writeRow(row, new Uint8Array(PIXELS).fill(row))
  })
  examples = await openImages('train', CLASSES, folder.path)
})

afterAll(() => examples.close())

describe('openImages', () => {
  it('gives images, variants, shape and classes', () => {
    expect(examples).toMatchObject({ count: 3, variants: 2, inputShape: [2, 2, 3] })
    expect([...examples.labels]).toEqual([0, 1, 1, 0, 1, 1])
  })

  it('reads rows in any order', async () => {
    const values = await examples.read([5, 0])
    expect([...values]).toEqual([...Array(PIXELS).fill(5), ...Array(PIXELS).fill(0)])
  })

  it('names the image whose label is not among the classes, and leaves no file open', async () => {
    const open = async () => {
      const files = await readdir('/proc/self/fd')
      const paths = await Promise.all(files.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')))
      return paths.filter((path) => path.startsWith(folder.path))
    }
    const before = await open()
    expect(before).toHaveLength(1) // the examples
    await expect(openImages('train', ['cat'], folder.path)).rejects.toThrow('for train/dog/1.png, received dog')
    expect(await open()).toEqual(before)
  })
})

describe('readBatches', () => {
  async function collect(rows: readonly number[], batchSize: number) {
    const batches: { rows: number[]; labels: number[] }[] = []
    for await (const { values, labels } of readBatches(examples, rows, batchSize)) {
      batches.push({ rows: [...labels.keys()].map((i) => values[i * PIXELS] as number), labels: [...labels] })
    }
    return batches
  }

  it('gives the rows in their order, with a smaller batch at the end', async () => {
    expect(await collect([4, 0, 5], 2)).toEqual([
      { rows: [4, 0], labels: [1, 0] },
      { rows: [5], labels: [1] },
    ])
  })

  it('reports how long each batch was waited for', async () => {
    const waits: number[] = []
    const slow: Examples = {
      ...examples,
      read: async (rows) => {
        await sleep(rows[0] === 0 ? 50 : 0)
        return examples.read(rows)
      },
    }
    // Row 1 is read while nothing is done with row 5; row 0 takes longer than the work on row 1.
    for await (const _batch of readBatches(slow, [5, 1, 0], 1, (ms) => void waits.push(ms))) await sleep(20)
    expect(waits).toHaveLength(3)
    expect(waits[1]).toBeLessThan(20)
    expect(waits[2]).toBeGreaterThan(20)
  })

  it('yields nothing for no rows', async () => {
    expect(await collect([], 2)).toEqual([])
  })

  it('throws where the batch that cannot be read is awaited', async () => {
    await expect(collect([0, 99], 1)).rejects.toThrow('different bytes in row 99')
  })
})
