import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { classesOf, formatCsv, parseCsv, readCsv, sortedById, writeCsv } from '../../src/core/csv.ts'
import { DataError } from '../../src/core/errors.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const COLUMNS = ['id', 'count'] as const

describe('formatCsv', () => {
  it('quotes what needs it and ends lines with a line feed', () => {
    const rows = [
      { id: 'a,b', count: 1 },
      { id: 'say "hi"\nthere', count: 0.5 },
    ]
    expect(formatCsv(COLUMNS, rows)).toBe('id,count\n"a,b",1\n"say ""hi""\nthere",0.5\n')
  })
})

describe('parseCsv', () => {
  it('gives back what formatCsv wrote, columns by name in any order', () => {
    expect(parseCsv('count,other,id\n3,x,"a,b"\n', COLUMNS, 'a file')).toEqual([{ id: 'a,b', count: '3' }])
  })

  it('takes a byte order mark and Windows line ends', () => {
    expect(parseCsv('\uFEFFid,count\r\na,1\r\n', COLUMNS, 'a file')).toEqual([{ id: 'a', count: '1' }])
  })

  it('names a missing column and the file', () => {
    expect(() => parseCsv('id\na\n', COLUMNS, 'list.csv')).toThrow(
      'Expected the columns id, count in list.csv, received id.',
    )
    expect(() => parseCsv('', COLUMNS, 'list.csv')).toThrow('received an empty file')
  })

  it('refuses lines of other lengths', () => {
    expect(() => parseCsv('id,count\na,1,2\n', COLUMNS, 'list.csv')).toThrow(DataError)
  })
})

describe('readCsv', () => {
  const folder = temporaryFolder()

  it('reads what writeCsv wrote, and says what to do when there is nothing', async () => {
    await writeCsv(join(folder.path, 'a.csv'), COLUMNS, [{ id: 'x', count: 2 }])
    expect(await readCsv(join(folder.path, 'a.csv'), COLUMNS)).toEqual([{ id: 'x', count: '2' }])
    await expect(readCsv(join(folder.path, 'b.csv'), COLUMNS)).rejects.toThrow('Run the stage that writes it.')
  })
})

describe('sortedById', () => {
  it('sorts by code unit, capitals before small letters and digits before both', () => {
    const ids = ['b', 'a10', 'B', 'a9', 'é', '1']
    expect(sortedById(ids.map((id) => ({ id }))).map(({ id }) => id)).toEqual(['1', 'B', 'a10', 'a9', 'b', 'é'])
  })
})

describe('classesOf', () => {
  it('gives each label once, sorted as people expect', () => {
    const labels = ['dog', 'cat', 'class 10', 'dog', 'class 9']
    expect(classesOf(labels.map((label) => ({ label })))).toEqual(['cat', 'class 9', 'class 10', 'dog'])
  })
})
