import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Clone, cloneCheckout, commit } from '../support/clone.ts'
import { makeTiny } from '../support/tiny.ts'

let clone: Clone

beforeAll(async () => {
  clone = await cloneCheckout()
  await makeTiny(clone)
  await commit(clone)
})
afterAll(() => clone.remove())

const [command, ...options] = ['tune', '--config', 'first', '--grid'] as const
/** The first gives NaN in its second step. */
const GRID = 'learningRate=1e30,0.001 epochs=6 batchSize=16'

/** Refs of the experiments in git. */
async function experiments(): Promise<string[]> {
  const refs = await clone.git('for-each-ref', '--format=%(refname)', 'refs/exps')
  return refs.split('\n').filter((ref) => ref !== '')
}

/** Processes that work in the clone or below it. */
async function processes(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')))
  return pids.filter((_, place) => folders[place]?.startsWith(clone.root))
}

/** The checkout is what was committed, and no temporary copy or process is left. */
async function expectUntouched(): Promise<void> {
  expect(await clone.git('status', '--porcelain', '--untracked-files=all')).toBe('')
  expect(await readdir(join(clone.root, 'artifacts')).catch(() => [])).toEqual([])
  const copies = await readdir(join(clone.root, '.dvc/tmp/exps/standalone'))
  expect(copies.filter((name) => name.startsWith('tmp'))).toEqual([])
  expect(await processes()).toEqual([])
}

/** One search goes through all states. */
describe('tune', () => {
  it('refuses a key that no entry has in one line, before anything runs', async () => {
    const outcome = await clone.run(command, ...options, 'learningrate=1')
    expect(outcome).toMatchObject({ exitCode: 1, output: expect.stringMatching(/^tune: ConfigError: Expected .*$/) })
    expect(outcome.output).toContain('Unrecognized key: "learningrate"')
  })

  it('goes on after a trial that failed, and stops at Ctrl-C', async () => {
    const outcome = await clone.interrupt('epoch 2/6', command, ...options, GRID)
    expect(outcome.output).toMatch(/tune: trial 1 of 2: failed: TrainingError: Expected a finite training loss/)
    expect(outcome.output).toContain('tune: Interrupted: SIGINT after 1 of 2 trials.')
    expect(outcome.exitCode).toBe(130)
    expect(await experiments()).toEqual([])
    await expectUntouched()
  })

  it('goes on in the middle of the training that was interrupted, and ranks it above the one that failed', async () => {
    const outcome = await clone.run(command, ...options, GRID)
    expect(outcome.exitCode).toBe(0)
    expect(outcome.output).not.toMatch(/epoch 1\/6/)
    expect(outcome.output).toMatch(/epoch 3\/6/)
    const rows = outcome.output.split('\n').filter((line) => line.startsWith('| '))
    expect(rows).toEqual([
      expect.stringMatching(/^\| learningRate \| epochs \| batchSize \| Validation \|/),
      expect.stringMatching(/^\| :-/),
      expect.stringMatching(
        /^\| 0\.001 +\| 6 +\| 16 +\| +\d+\.\d % .*`tune_first_learningRate=0\.001_epochs=6_batchSize=16_\w+`/,
      ),
      expect.stringMatching(/^\| 1e\+30 .*TrainingError: Expected a finite training loss, received/),
    ])
    const yaml = /```yaml\n(.*)```/s.exec(outcome.output)?.[1] ?? ''
    const entry = { architecture: 'original', mode: 'zero', learningRate: 0.001, epochs: 6, batchSize: 16 }
    expect(parse(yaml)).toEqual({ models: { first: entry } })
    await expectUntouched()
  })

  it('has run nothing after train, so that the test images are unseen', async () => {
    const [experiment = '', ...others] = await experiments()
    expect(others).toEqual([])
    const { stages } = parse(await clone.git('show', `${experiment}:dvc.lock`)) as { stages: Record<string, unknown> }
    expect(Object.keys(stages).sort()).toEqual(['augment', 'fetch', 'split', 'train@first'])
  })

  it('trains nothing that has ended', async () => {
    const grid = 'learningRate=0.001 epochs=6 batchSize=16'
    const recorded = await clone.run(command, ...options, grid)
    await clone.remove('.paddock/trials')
    const unrecorded = await clone.run(command, ...options, grid)
    for (const { exitCode, output } of [recorded, unrecorded]) {
      expect(exitCode).toBe(0)
      expect(output).not.toContain('train@first')
      expect(output).toContain('tune: 1 of 1 training of first ended with a score')
    }
  })

  it('removes its experiments with --clean', async () => {
    const outcome = await clone.run('tune', '--config', 'first', '--clean')
    expect(outcome).toMatchObject({ exitCode: 0, output: expect.stringContaining('tune: 1 experiment removed') })
    expect(await experiments()).toEqual([])
    expect(await readdir(join(clone.root, '.paddock/trials'))).toEqual([])
  })
})
