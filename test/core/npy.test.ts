import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { formatNpyHeader, openNpy, parseNpyHeader } from '../../src/core/npy.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let path: string

beforeEach(async () => {
  path = join(folder.path, 'a.npy')
  await writeFile(path, Buffer.concat([formatNpyHeader([3, 2]), Buffer.from([1, 2, 3, 4, 5, 6])]))
})

describe('formatNpyHeader', () => {
  it('is what NumPy itself writes', async () => {
    const numpy = await readFile('test/fixtures/packed.npy') // by test/fixtures/packed.py
    const { shape, offset } = parseNpyHeader(numpy, 'packed.npy')
    expect(formatNpyHeader(shape).equals(numpy.subarray(0, offset))).toBe(true)
  })

  it('says a vector as Python does, and begins the values at a multiple of 64', () => {
    const header = formatNpyHeader([5])
    expect(header.toString('latin1')).toContain("'shape': (5,), }")
    expect(header.length % 64).toBe(0)
    expect(parseNpyHeader(header, 'x')).toEqual({ shape: [5], offset: header.length })
  })
})

describe('openNpy', () => {
  it('reads rows in any order, again and again', async () => {
    const file = await openNpy(path)
    const target = new Uint8Array(6)
    await file.readRows([2, 0, 2], target)
    expect([...target]).toEqual([5, 6, 1, 2, 5, 6])
    await file.close()
  })

  it('refuses a file that was cut off', async () => {
    await truncate(path, 130)
    await expect(openNpy(path)).rejects.toThrow('received 130 bytes instead of 134')
  })

  it('refuses another format', async () => {
    await writeFile(path, 'id,label\n'.padEnd(200))
    await expect(openNpy(path)).rejects.toThrow("to be a uint8 array in NumPy's format")
  })
})
