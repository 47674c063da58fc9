import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** A clone of what is committed, with the user's cache but nothing installed; checkpoints of its own. */
let root: string
/** The configuration that the committed results choose. */
let chosen: string | undefined

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'paddock-start-'))
  await execa('git', ['clone', '--quiet', process.cwd(), root])
  const results = await readFile(join(root, 'results/README.md'), 'utf8')
  chosen = /^\*\*Gate passed\.\*\* `(.+?)`/m.exec(results)?.[1]
})

afterAll(() => rm(root, { recursive: true, force: true }))

/** Runs npm as a person would, without what the test runner put into the environment. */
async function npm(...args: string[]) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|NODE_ENV|NODE_OPTIONS|npm_(lifecycle|package|command))/.test(name),
    ),
  )
  const options = {
    cwd: root,
    env: { ...env, PADDOCK_CHECKPOINTS: join(root, '.paddock/checkpoints') },
    extendEnv: false,
    all: true,
    reject: false,
    stdin: 'ignore',
  } as const
  const { exitCode, all } = await execa('npm', args, options)
  return { exitCode, output: all }
}

/** All that differs from the commit, as git sees it. */
async function changes(): Promise<string> {
  const inClone = execa({ cwd: root })
  const { stdout: status } = await inClone`git status --porcelain --untracked-files=all`
  const { stdout: diff } = await inClone`git diff --binary`
  return `${status}\n${diff}`
}

describe('a fresh clone', () => {
  it('sets itself up, trains the sample and passes the gate with `npm start`', async () => {
    const { exitCode, output } = await npm('start')
    expect(output).toContain(`start: gate passed: ${chosen}, validation `)
    expect(exitCode).toBe(0)
    expect(await readdir(join(root, '.paddock/checkpoints')).catch(() => [])).toEqual([])
  })

  it('does nothing the second time, and says so', async () => {
    const before = await changes()
    const { exitCode, output } = await npm('start')
    expect(await changes()).toBe(before)
    expect(output).toContain('setup: up to date')
    expect(output).toContain('everything is up to date')
    expect(output).not.toContain('Running stage')
    expect(output).toContain(`start: gate passed: ${chosen}, validation `)
    expect(exitCode).toBe(0)
  })

  it('runs the commands of the README', async () => {
    const outputs = [
      await npm('run', 'predict', '--', 'data/test/horse/0001.png'),
      await npm('run', 'summary', '--', '--config', 'mobilenet025-zero'),
      await npm('run', 'train', '--', '--config', 'original-zero'),
      await npm('run', 'doctor'),
      await npm('run', 'dvc', '--', 'metrics', 'show'),
      await npm('run', 'repro'),
    ]
    expect(outputs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0])
    expect(outputs[0]?.output).toContain('data/test/horse/0001.png: horse')
    expect(outputs[1]?.output).toContain('Total params: 219315')
    expect(outputs[4]?.output).toContain('original-zero.json')
  })
})
