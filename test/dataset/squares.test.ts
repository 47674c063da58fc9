import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/files.ts'
import type { ManifestRow } from '../../src/dataset/manifest.ts'
import { openSquares, openSquareWriter } from '../../src/dataset/squares.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SIZE = 4
const ROWS = Array.from({ length: 40 }, (_, number) => row(number))

const folder = temporaryFolder()
const at = (name: string) => join(folder.path, name)

describe('openSquareWriter and openSquares', () => {
  it('give back the pixels of every image, by id', async () => {
    await write('squares', ROWS)
    const squares = openSquares(at('squares'), ROWS, SIZE)
    for (const { id } of [...ROWS].reverse()) expect(await squares.read(id)).toEqual(squareOf(id))
    await squares.close()
  })

  it('write the same bytes in whatever order the images come, and one square for files of the same content', async () => {
    await write('a', ROWS)
    await write('b', [...ROWS, ...ROWS].reverse())
    expect(await filesOf('b')).toEqual(await filesOf('a'))
    const copy = { ...(ROWS[7] as ManifestRow), id: 'train/dog/copy.png' }
    const squares = openSquares(at('a'), [...ROWS, copy], SIZE)
    expect(await squares.read(copy.id)).toEqual(squareOf(ROWS[7]?.id ?? ''))
    await squares.close()
  })

  it('change few shards when images are added', async () => {
    await write('before', ROWS)
    await write('after', [...ROWS, row(100), row(101)])
    const before = await filesOf('before')
    const changed = [...(await filesOf('after'))].filter(([name, hash]) => before.get(name) !== hash)
    expect(changed).toHaveLength(2)
  })

  it('write arrays that NumPy reads, sorted by SHA-256', async () => {
    const [first, second] = [0, 1].map((digit) => ({ ...row(digit), sha256: `ab${digit}` })) as [
      ManifestRow,
      ManifestRow,
    ]
    await write('two', [second, first])
    expect(await readdir(at('two'))).toEqual(['ab.npy'])
    const bytes = await readFile(at('two/ab.npy'))
    expect(bytes.toString('latin1')).toContain("'shape': (2, 4, 4, 3), }")
    expect(bytes.subarray(-96)).toEqual(Buffer.concat([squareOf(first.id), squareOf(second.id)]))
  })

  it('refuse an unknown id, another manifest and another size', async () => {
    await write('squares', ROWS)
    const read = (id: string, rows = ROWS, size = SIZE) => {
      const squares = openSquares(at('squares'), rows, size)
      return squares.read(id).finally(squares.close)
    }
    const id = ROWS[0]?.id ?? ''
    await expect(read('train/cat/none.png')).rejects.toThrow(
      'Expected train/cat/none.png among the images that fetch accepted, received none. Run fetch and split again.',
    )
    const shard = `${ROWS[0]?.sha256.slice(0, 2)}`
    await expect(read(id, [...ROWS, { ...row(41), sha256: `${shard}0` }])).rejects.toThrow(
      /^Expected an array 2 x 4 x 4 x 3 in .*\.npy, received 1 x 4 x 4 x 3\. Run fetch again\.$/,
    )
    await expect(read(id, ROWS, 8)).rejects.toThrow('Expected an array 1 x 8 x 8 x 3')
  })
})

async function write(name: string, rows: readonly ManifestRow[]): Promise<void> {
  const writer = openSquareWriter(at(name), SIZE)
  for (const { id, sha256 } of rows) writer.add(sha256, squareOf(id))
  await writer.finish()
}

async function filesOf(name: string): Promise<Map<string, string>> {
  const names = (await readdir(at(name))).sort()
  return new Map(
    await Promise.all(names.map(async (file) => [file, sha256(await readFile(join(at(name), file)))] as const)),
  )
}

function squareOf(id: string): Uint8Array {
  return Uint8Array.from(
    { length: SIZE * SIZE * 3 },
    (_, place) => (id.length * 31 + Number(id.match(/\d+/)?.[0]) * 7 + place) % 256,
  )
}

function row(number: number): ManifestRow {
  const id = `train/cat/${number}.png`
  return { id, label: 'cat', set: 'train', source: 'unknown', sha256: sha256(id), width: 8, height: 8 }
}
