import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.ts'

/** A clone of what is committed, with the user's cache but nothing installed; checkpoints of its own. */
const folder = temporaryFolder({ per: 'file' })
/** The configuration that the committed results choose. */
let chosen: string | undefined

beforeAll(async () => {
  await execa('git', ['clone', '--quiet', process.cwd(), folder.path])
  const results = await readFile(join(folder.path, 'results/README.md'), 'utf8')
  chosen = /^\*\*Gate passed\.\*\* `(.+?)`/m.exec(results)?.[1]
})

/** Runs npm as a person would, without what the test runner put into the environment. */
async function npm(...args: string[]) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|NODE_ENV|NODE_OPTIONS|npm_(lifecycle|package|command))/.test(name),
    ),
  )
  const options = {
    cwd: folder.path,
    env: { ...env, PADDOCK_CHECKPOINTS: join(folder.path, '.paddock/checkpoints') },
    extendEnv: false,
    all: true,
    reject: false,
    stdin: 'ignore',
  } as const
  const { exitCode, all } = await execa('npm', args, options)
  return { exitCode, output: all }
}

/** The files that differ from the commit. */
async function changes(): Promise<string> {
  const { stdout } = await execa('git', ['status', '--porcelain'], { cwd: folder.path })
  return stdout
}

describe('a fresh clone', () => {
  it('sets itself up, trains the sample, passes the gate and leaves git clean with `npm start`', async () => {
    const { exitCode, output } = await npm('start')
    expect(output).toContain(`start: gate passed: ${chosen}, validation `)
    expect(output?.match(/^ {2}npm run (open|predict|use) /gm)).toHaveLength(3)
    expect(exitCode).toBe(0)
    expect(await readdir(join(folder.path, '.paddock/checkpoints')).catch(() => [])).toEqual([])
    expect(await changes()).toBe('')
  })

  it('does nothing the second time, and says so', async () => {
    const { exitCode, output } = await npm('start')
    expect(await changes()).toBe('')
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
    const metrics = outputs[4]?.output ?? ''
    expect(metrics).toMatch(/^artifacts\/train\/original-zero\/scores\.json +1 +1 +-$/m)
    expect(Math.max(...metrics.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
  })
})
