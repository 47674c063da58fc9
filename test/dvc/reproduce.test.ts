import { readFile, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { keepStages, parseLock } from '../../src/dvc/lock.ts'
import { forgetGoneStages } from '../../src/dvc/reproduce.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PIPELINE = `
stages:
  prepare:
    cmd: cp data.csv prepared.csv
    deps: [data.csv]
    outs: [prepared.csv]
  train:
    foreach: \${models}
    do:
      cmd: 'cp prepared.csv \${key}.csv && echo "a long command, which DVC puts on more than one line: \${key}"'
      deps: [prepared.csv]
      params: ['models.\${key}']
      outs: ['\${key}.csv']
`

/** A pipeline that DVC itself ran, and wrote the lock of. */
describe('forgetGoneStages', { timeout: 120_000 }, () => {
  const folder = temporaryFolder({ per: 'file' })
  const file = (name: string) => join(folder.path, name)
  const dvc = async (...args: string[]) => (await execa(resolve('.venv/bin/dvc'), args, { cwd: folder.path })).stdout
  const params = (...names: string[]) =>
    writeFile(file('params.yaml'), stringify({ models: Object.fromEntries(names.map((name) => [name, { rate: 1 }])) }))

  beforeAll(async () => {
    await writeFile(file('data.csv'), 'a\n1\n')
    await writeFile(file('dvc.yaml'), PIPELINE)
    await execa('git', ['init', '--quiet'], { cwd: folder.path })
    await dvc('init', '--quiet')
    await params('first', 'third')
    await dvc('repro', '--quiet')
  }, 120_000)

  it('writes what DVC would have written had the stage never been, and DVC finds nothing to do', async () => {
    const wanted = await readFile(file('dvc.lock'), 'utf8')
    await params('first', 'second', 'third')
    await dvc('repro', '--quiet')
    await params('first', 'third')
    expect(await dvc('repro')).toContain('Data and pipelines are up to date.')
    expect(await readFile(file('dvc.lock'), 'utf8')).toContain('train@second')
    expect(await forgetGoneStages(folder.path)).toEqual(['train@second'])
    expect(await readFile(file('dvc.lock'), 'utf8')).toBe(wanted)
    expect(await dvc('repro')).toContain('Data and pipelines are up to date.')
    expect(await readFile(file('dvc.lock'), 'utf8')).toBe(wanted)
  })

  it('gives the same file as before once configurations are back', async () => {
    const before = await readFile(file('dvc.lock'), 'utf8')
    for (const names of [['third'], ['first', 'third']]) {
      await params(...names)
      await dvc('repro', '--quiet')
      await forgetGoneStages(folder.path)
    }
    expect(await readFile(file('dvc.lock'), 'utf8')).toBe(before)
  })

  it('leaves the file alone where nothing is gone', async () => {
    const before = await stat(file('dvc.lock'))
    expect(await forgetGoneStages(folder.path)).toEqual([])
    expect((await stat(file('dvc.lock'))).ino).toBe(before.ino)
  })

  it('leaves the file alone where params.yaml cannot be read', async () => {
    const before = await readFile(file('dvc.lock'), 'utf8')
    await writeFile(file('params.yaml'), 'models: [')
    await expect(forgetGoneStages(folder.path)).rejects.toThrow('params.yaml')
    expect(await readFile(file('dvc.lock'), 'utf8')).toBe(before)
  })
})

describe('keepStages', () => {
  const stages = { a: { cmd: 'one' }, 'b@x': { cmd: 'two', deps: [{ path: 'p', md5: '0'.repeat(32), size: 1 }] } }
  const text = (content: object) => stringify(content, { indentSeq: false, singleQuote: true })

  it('gives DVC a map of stages where none is left', () => {
    expect(keepStages(text({ schema: '2.0', stages }), ['c'])).toBe("schema: '2.0'\nstages: {}\n")
  })

  it('leaves the lines of the other stages of a dvc.lock of DVC as they are', async () => {
    const committed = await readFile('dvc.lock', 'utf8')
    const names = [...parseLock(committed).keys()]
    expect(committed).toMatch(/\.dir \n {6}\d+\n/) // folded as only DVC does
    expect(keepStages(committed, names)).toBe(committed)
    const augment = /^ {2}augment:\n( {4}.*\n)+/m.exec(committed)?.[0] ?? ''
    expect(augment.match(/\n/g)?.length).toBeGreaterThan(50)
    const rest = names.filter((name) => name !== 'augment')
    expect(keepStages(committed, rest)).toBe(committed.replace(augment, ''))
    expect(keepStages(`${committed}datasets: []\n`, rest)).toBe(`${committed.replace(augment, '')}datasets: []\n`)
  })

  it('takes stages out of a file of any other form, and keeps what is no stage', () => {
    const foreign = { schema: '2.0', stages, datasets: [{ name: 'd' }] }
    for (const lock of [text(foreign), JSON.stringify(foreign), `${text(foreign)}# the end\n`]) {
      expect(parse(keepStages(lock, ['a']))).toEqual({ ...(parse(lock) as object), stages: { a: stages.a } })
    }
  })
})
