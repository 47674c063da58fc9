import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { BrokenError } from '../../src/dvc/broken.ts'
import { parseLock } from '../../src/dvc/lock.ts'

const committed = await readFile('dvc.lock', 'utf8')

/** What a parser of all of YAML makes of it. */
function whole(text: string): object {
  const { stages } = parse(text) as {
    stages: Record<string, { cmd: unknown; deps?: object[]; params?: object; outs?: object[] }>
  }
  const withoutHash = (entries: object[] = []) => entries.map((entry) => ({ ...entry, hash: undefined }))
  return Object.fromEntries(
    Object.entries(stages).map(([name, { cmd, deps, params = {}, outs }]) => [
      name,
      { cmd, deps: withoutHash(deps), params, outs: withoutHash(outs) },
    ]),
  )
}

function read(text: string): object {
  const entries = [...parseLock(text)].map(([name, { cmd, deps, params, outs }]) => {
    const withoutHash = (list: typeof deps) => list.map((entry) => ({ ...entry, hash: undefined }))
    return [name, { cmd, deps: withoutHash(deps), params, outs: withoutHash(outs) }]
  })
  return Object.fromEntries(entries)
}

describe('parseLock', () => {
  it('reads what DVC wrote as a parser of all of YAML does', () => {
    expect(Object.keys(read(committed)).length).toBeGreaterThan(6)
    expect(read(committed)).toEqual(whole(committed))
  })

  it('reads the same in any other form of YAML', () => {
    for (const text of [stringify(parse(committed)), JSON.stringify(parse(committed))]) {
      expect(read(text)).toEqual(whole(committed))
    }
  })

  it('reads odd names, quoted paths, commands of several lines and numbers that look like text', () => {
    const text = `schema: '2.0'
stages:
  'yes':
    cmd:
    - "echo 'a: b'"
    - 'true'
    deps:
    - path: "with \\"quotes\\" and: colon"
      hash: md5
      md5: '00000000000000000000000000000000'
      size: 1
    params:
      params.yaml:
        a: 1e-3
        b: '1'
        c: []
        d:
        - 1
        - x
    outs:
    - path: out
      hash: md5
      md5: '1234567890123456789012345678e123'
      size: 2
      nfiles: 3
`
    expect(read(text)).toEqual(whole(text))
    expect(parseLock(text).get('yes')?.deps[0]?.path).toBe('with "quotes" and: colon')
  })

  it('names the line of a conflict', () => {
    const text = committed.replace('\nstages:', '\n<<<<<<< HEAD\nstages:')
    expect(() => parseLock(text)).toThrow('Expected dvc.lock without conflicts, received <<<<<<< in line 2.')
  })

  it('refuses what is cut short or something else', () => {
    for (const text of [
      '',
      'schema: "2.0"\nstages: 1',
      'a: b',
      committed.slice(0, committed.indexOf('cmd:') + 3),
      '{',
    ]) {
      expect(() => parseLock(text)).toThrow(BrokenError)
    }
  })
})
