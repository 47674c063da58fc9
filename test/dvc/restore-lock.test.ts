import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseLock } from '../../src/dvc/lock.ts'
import { restoreLock, withRuns } from '../../src/dvc/restore-lock.ts'

const DVC = resolve('.venv/bin/dvc')

const PIPELINE = `
stages:
  prepare:
    cmd: cp data.csv artifacts/prepared.csv
    deps: [data.csv]
    outs: [artifacts/prepared.csv]
  train:
    foreach: \${models}
    do:
      cmd: mkdir -p artifacts/train/\${key} && cp artifacts/prepared.csv artifacts/train/\${key}/
      deps: [artifacts/prepared.csv]
      params: ['models.\${key}']
      outs: ['artifacts/train/\${key}']
  evaluate:
    foreach: \${models}
    do:
      cmd: cp artifacts/train/\${key}/prepared.csv artifacts/\${key}.csv
      deps: ['artifacts/train/\${key}']
      outs: ['artifacts/\${key}.csv']
`

describe('restoreLock', { timeout: 120_000 }, () => {
  let base: string
  let here: string
  let there: string
  const dvc = (...args: string[]) => execa(DVC, args, { cwd: there })

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'paddock-lock-'))
    here = join(base, 'here')
    there = join(base, 'there')
    for (const root of [here, there]) {
      await mkdir(join(root, 'artifacts'), { recursive: true })
      await writeFile(join(root, 'data.csv'), 'a\n1\n')
      await writeFile(join(root, 'params.yaml'), 'models:\n  first: {rate: 0.1}\n  second: {rate: 0.2}\n')
      await writeFile(join(root, 'dvc.yaml'), PIPELINE)
    }
    await execa('git', ['init', '--quiet'], { cwd: here })
    await execa(DVC, ['init', '--quiet'], { cwd: here })
    await execa(DVC, ['repro', '--quiet'], { cwd: here })
    for (const path of ['.git', '.dvc']) await cp(join(here, path), join(there, path), { recursive: true })
  }, 120_000)
  afterAll(() => rm(base, { recursive: true, force: true }))

  it('writes what DVC wrote where the stages ran, and DVC finds nothing to do', async () => {
    const restored = await restoreLock(there)
    expect(restored).toEqual(['prepare', 'train@first', 'train@second', 'evaluate@first', 'evaluate@second'])
    const [ours, its] = await Promise.all([here, there].map((root) => readFile(join(root, 'dvc.lock'), 'utf8')))
    expect(parseLock(ours as string)).toEqual(parseLock(its as string))
    expect((ours as string).split('\n').sort()).toEqual((its as string).split('\n').sort())
    await dvc('checkout', '--quiet')
    const { stdout } = await dvc('repro')
    expect(stdout).not.toMatch(/Running stage|is cached/)
    expect(stdout).toContain("Stage 'evaluate@second' didn't change, skipping")
  })

  it('passes over a run that was cut short', async () => {
    const file = join(there, '.dvc/cache/runs/aa', 'a'.repeat(64), 'b'.repeat(64))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, 'cmd: [cut')
    await rm(join(there, 'dvc.lock'))
    expect(await restoreLock(there)).toHaveLength(5)
  })

  it('leaves out a stage whose parameter is another, and what depends on it', async () => {
    await writeFile(join(there, 'params.yaml'), 'models:\n  first: {rate: 0.3}\n  second: {rate: 0.2}\n')
    await rm(join(there, 'dvc.lock'))
    expect(await restoreLock(there)).toEqual(['prepare', 'train@second', 'evaluate@second'])
  })

  it('leaves out everything behind a file that is another', async () => {
    await writeFile(join(there, 'data.csv'), 'a\n2\n')
    await rm(join(there, 'dvc.lock'))
    expect(await restoreLock(there)).toEqual([])
  })
})

describe('withRuns', () => {
  it('puts an entry in the place of the old one, and a new one at the end', () => {
    const lock = "schema: '2.0'\nstages:\n  a:\n    cmd: old\n  b:\n    cmd: kept\n"
    const run = (text: string) => ({ text, entry: { cmd: '', deps: [], params: {}, outs: [] } })
    const runs = new Map([
      ['a', run('cmd: new\n')],
      ['c', run('cmd: newer\nouts:\n- path: x\n')],
    ])
    expect(withRuns(lock, runs)).toBe(
      "schema: '2.0'\nstages:\n  a:\n    cmd: new\n  b:\n    cmd: kept\n  c:\n    cmd: newer\n    outs:\n    - path: x\n",
    )
  })
})
