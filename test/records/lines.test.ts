import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { appendRecords, readRecords } from '../../src/records/lines.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

interface Entry {
  readonly name: string
  readonly count: number
}

const folder = temporaryFolder()
const file = () => ({
  path: join(folder.path, 'records/entries.jsonl'),
  schema: z.strictObject({ name: z.string(), count: z.int().min(0) }),
  identity: ({ name }: Entry) => name,
})
const entries: Entry[] = [
  { name: 'a', count: 1 },
  { name: 'b', count: 2 },
]

describe('appendRecords', () => {
  it('writes one line an identity', async () => {
    expect(await appendRecords(file(), [...entries, ...entries])).toEqual(entries)
    expect(await appendRecords(file(), [{ name: 'a', count: 9 }])).toEqual([])
    expect(await readFile(file().path, 'utf8')).toBe('{"name":"a","count":1}\n{"name":"b","count":2}\n')
  })

  it('keeps every existing byte, and does not join a line to one without a line end', async () => {
    await appendRecords(file(), entries)
    const text = '{"count":1,  "name":"a"}'
    await writeFile(file().path, text)
    await appendRecords(file(), [{ name: 'c', count: 3 }])
    expect(await readFile(file().path, 'utf8')).toBe(`${text}\n{"name":"c","count":3}\n`)
  })

  it('adds nothing to a file with a bad line, and names the line', async () => {
    await appendRecords(file(), entries)
    const broken = '{"name":"a","count":1}\n<<<<<<< HEAD\n'
    await writeFile(file().path, broken)
    await expect(appendRecords(file(), entries)).rejects.toThrow(`in line 2 of ${file().path}`)
    expect(await readFile(file().path, 'utf8')).toBe(broken)
  })
})

describe('readRecords', () => {
  it('gives nothing where the file does not exist', async () => {
    expect(await readRecords(file())).toEqual([])
  })

  it('counts a line once that two branches added', async () => {
    await appendRecords(file(), entries)
    const text = await readFile(file().path, 'utf8')
    await writeFile(file().path, text + text)
    expect(await readRecords(file())).toEqual(entries)
  })

  it('refuses a line with a wrong value', async () => {
    await appendRecords(file(), entries)
    await writeFile(file().path, '{"name":"a","count":-1}\n')
    await expect(readRecords(file())).rejects.toThrow('in line 1 of')
  })
})
