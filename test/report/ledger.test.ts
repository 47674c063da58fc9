import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/files.ts'
import { appendReveals, parseLedger, type Reveal, readLedger } from '../../src/report/ledger.ts'

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-ledger-'))
  path = join(folder, 'results/test-ledger.jsonl')
})
afterAll(() => rm(folder, { recursive: true }))

function reveal(configuration: string, model: string, testSet = 'set'): Reveal {
  return { configuration, model: sha256(model), testSet: sha256(testSet), correct: 8, images: 9 }
}

describe('the ledger', () => {
  it('is made where it is missing, with nothing in it', async () => {
    expect(await appendReveals(path, [])).toEqual([])
    expect(await readFile(path, 'utf8')).toBe('')
  })

  it('gets a line a model and test set, once', async () => {
    const [first, again] = [reveal('a', 'one'), reveal('b', 'two')]
    expect(await appendReveals(path, [first, again, first])).toEqual([first, again])
    expect(await appendReveals(path, [again, first])).toEqual([])
    const other = reveal('a', 'one', 'another set')
    expect(await appendReveals(path, [first, other])).toEqual([other])
    expect(await readLedger(path)).toEqual([first, again, other])
    const [line = ''] = (await readFile(path, 'utf8')).split('\n')
    expect(line).toBe(
      `{"configuration":"a","model":"${sha256('one')}","testSet":"${sha256('set')}","correct":8,"images":9}`,
    )
  })

  it('keeps what stands there, and does not join a line to one without an end', async () => {
    const text = (await readFile(path, 'utf8')).trimEnd()
    await writeFile(path, text)
    await appendReveals(path, [reveal('c', 'three')])
    const after = await readFile(path, 'utf8')
    expect(after.startsWith(`${text}\n{"configuration":"c"`)).toBe(true)
    expect(parseLedger(after, path)).toHaveLength(4)
  })

  it('counts a line once that two branches added', () => {
    const line = JSON.stringify(reveal('a', 'one'))
    expect(parseLedger(`${line}\n${line}\n`, path)).toHaveLength(1)
  })

  it('names the line that is none, and adds nothing to such a file', async () => {
    const line = JSON.stringify(reveal('a', 'one'))
    const broken = join(folder, 'broken.jsonl')
    await writeFile(broken, `${line}\n<<<<<<< HEAD\n`)
    await expect(appendReveals(broken, [reveal('b', 'two')])).rejects.toThrow(`in line 2 of ${broken}`)
    expect(await readFile(broken, 'utf8')).toBe(`${line}\n<<<<<<< HEAD\n`)
    expect(() => parseLedger(line.replace('"correct":8', '"correct":-1'), 'it')).toThrow('in line 1 of it')
  })

  it('says what to do where it is missing', async () => {
    await expect(readLedger(join(folder, 'none'))).rejects.toThrow('Restore it from git')
  })
})
