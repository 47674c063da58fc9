import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openPacked, type PackedRow, writePacked } from '../../src/batches/packed.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ROWS: PackedRow[] = [
  { id: 'train/cat/1, "one".png', label: 'cat', variant: 0 },
  { id: 'train/dog/2.png', label: 'dog', variant: 0 },
  { id: 'train/cat/1, "one".png', label: 'cat', variant: 1 },
]

/** Three images of 2 px: the bytes 0, 7, 14 … as in test/fixtures/packed.py. */
const IMAGES = [0, 1, 2].map((row) => Uint8Array.from({ length: 12 }, (_, place) => (row * 12 + place) * 7))

describe('writePacked and openPacked', () => {
  const folder = temporaryFolder()

  it('write the bytes that NumPy writes, in whatever order the rows come', async () => {
    await pack([2, 0, 1])
    expect(await readFile(join(folder.path, 'train.npy'))).toEqual(await readFile('test/fixtures/packed.npy'))
  })

  it('give back every row and any images of the array', async () => {
    await pack([0, 1, 2])
    const { rows, file } = await openPacked('train', folder.path)
    const two = new Uint8Array(24)
    await file.readRows([2, 0], two)
    await file.close()
    expect(rows).toEqual(ROWS)
    expect(file.shape).toEqual([3, 2, 2, 3])
    expect([...two]).toEqual([...(IMAGES[2] as Uint8Array), ...(IMAGES[0] as Uint8Array)])
  })

  it('hold each row that is read to its CRC-32', async () => {
    await pack([2, 0, 1])
    const path = join(folder.path, 'train.npy')
    const bytes = await readFile(path)
    bytes[bytes.length - 13] = 0 // the last of row 1, which was 23 * 7
    await writeFile(path, bytes)
    const { file } = await openPacked('train', folder.path)
    await file.readRows([0, 2], new Uint8Array(24))
    await expect(file.readRows([0, 1], new Uint8Array(24))).rejects.toThrow(
      `Expected ${path} as its stage wrote it, received different bytes in row 1. Run that stage again.`,
    )
    await file.close()
    // Python: zlib.crc32(bytes(range(0, 84, 7)))
    expect(await readFile(join(folder.path, 'train.csv'), 'utf8')).toMatch(/cat,0,4053922607\n/)
  })

  it('accept a part without images', async () => {
    await writePacked(folder.path, 'test', { rows: [], size: 2 }, async () => {})
    const { rows, file } = await openPacked('test', folder.path)
    await file.close()
    expect([rows, file.shape]).toEqual([[], [0, 2, 2, 3]])
    expect(await readFile(join(folder.path, 'test.csv'), 'utf8')).toBe('id,label,variant,crc32\n')
  })

  it('refuse an index of another array', async () => {
    await pack([0, 1, 2])
    await writeFile(join(folder.path, 'train.csv'), 'id,label,variant,crc32\n1.png,cat,0,1\n2.png,dog,0,2\n')
    await expect(openPacked('train', folder.path)).rejects.toThrow(
      `Expected square images for the 2 lines of ${join(folder.path, 'train.csv')} in ${join(folder.path, 'train.npy')}, received the shape 3 x 2 x 2 x 3. Run augment again.`,
    )
  })

  it('refuse an array that is cut short', async () => {
    await pack([0, 1, 2])
    await truncate(join(folder.path, 'train.npy'), 150)
    await expect(openPacked('train', folder.path)).rejects.toThrow('received 150 bytes instead of 164')
  })

  async function pack(order: readonly number[]): Promise<void> {
    await writePacked(folder.path, 'train', { rows: ROWS, size: 2 }, async (writeRow) => {
      for (const row of order) await writeRow(row, IMAGES[row] as Uint8Array)
    })
  }
})
