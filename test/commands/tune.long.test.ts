import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Clone, cloneCheckout, commit } from '../support/clone.ts'
import { makeTiny } from '../support/tiny.ts'
import { trainingsIn } from '../support/trainings.ts'

let clone: Clone

beforeAll(async () => {
  clone = await cloneCheckout()
  await makeTiny(clone)
  await commit(clone)
})
afterAll(() => clone.remove())

/** The first gives NaN in its second step. */
const SEARCH = ['--config', 'first', '--set', 'learningRate=1e30,0.001', '--set', 'epochs=6', '--set', 'batchSize=16']

/** Refs of the experiments in git. */
async function experiments(): Promise<string[]> {
  const refs = await clone.git('for-each-ref', '--format=%(refname)', 'refs/exps')
  return refs.split('\n').filter((ref) => ref !== '')
}

/** The checkout is as committed, and no temporary copy, queued experiment or process of a training is left. */
async function expectUntouched(): Promise<void> {
  expect(await clone.git('status', '--porcelain', '--untracked-files=all')).toBe('')
  expect(await readdir(join(clone.root, 'artifacts')).catch(() => [])).toEqual([])
  const copies = await readdir(join(clone.root, '.dvc/tmp/exps/standalone'))
  expect(copies.filter((name) => name.startsWith('tmp'))).toEqual([])
  expect(await trainingsIn(clone)).toEqual([])
}

/** One search goes through all states. */
describe('tune', () => {
  it('refuses a key that no entry has in one line, before anything runs', async () => {
    const outcome = await clone.run('tune', '--config', 'first', '--set', 'learningrate=1')
    expect(outcome).toMatchObject({ exitCode: 1, output: expect.stringMatching(/^tune: ConfigError: Expected .*$/) })
    expect(outcome.output).toContain('learningrate: did you mean learningRate?')
  })

  it('continues after a trial that failed, and stops at Ctrl-C', async () => {
    const outcome = await clone.interrupt('epoch 2/6', 'tune', ...SEARCH)
    expect(outcome.output).toMatch(/tune: trial 1 of 2: .*TrainingError: Expected a finite training loss/)
    expect(outcome.output).toContain('tune: Interrupted: SIGINT.')
    expect(outcome.exitCode).toBe(130)
    expect(await experiments()).toEqual([])
    await expectUntouched()
  })

  it('continues the training that was interrupted, and ranks it above the one that failed', async () => {
    const outcome = await clone.run('tune', ...SEARCH)
    expect(outcome.exitCode, outcome.output).toBe(0)
    expect(outcome.output).not.toMatch(/epoch 1\/6/)
    expect(outcome.output).toMatch(/epoch 3\/6/)
    const rows = outcome.output.split('\n').filter((line) => line.startsWith('| '))
    expect(rows).toEqual([
      expect.stringMatching(/^\| learningRate \| epochs \| batchSize \| Validation \|/),
      expect.stringMatching(/^\| :-/),
      expect.stringMatching(/^\| 0\.001 +\| 6 +\| 16 +\| +\d+\.\d % .*`tune-first-\w+-2`/),
      expect.stringMatching(/^\| 1e\+30 .*TrainingError: Expected a finite training loss, received/),
    ])
    const yaml = /```yaml\n(.*)```/s.exec(outcome.output)?.[1] ?? ''
    const entry = { architecture: 'original', mode: 'zero', learningRate: 0.001, epochs: 6, batchSize: 16 }
    expect(parse(yaml)).toEqual({ models: { first: entry } })
    await expectUntouched()
  })

  it('runs nothing after train, so that the test images stay unseen', async () => {
    const [experiment = '', ...others] = await experiments()
    expect(others).toEqual([])
    const { stages } = parse(await clone.git('show', `${experiment}:dvc.lock`)) as { stages: Record<string, unknown> }
    expect(Object.keys(stages).sort()).toEqual(['augment', 'fetch', 'split', 'train@first'])
  })

  it('takes a training that has ended from the run cache', async () => {
    const { exitCode, output } = await clone.run('tune', ...SEARCH.with(3, 'learningRate=0.001'))
    expect(exitCode).toBe(0)
    expect(output).not.toMatch(/epoch \d+\/6/)
    expect(output).toContain('tune: 1 of 1 training of first ended with scores')
  })
})

describe('seeds', () => {
  it('records what the seeds reached, for the report, and changes nothing else', async () => {
    const { exitCode, output } = await clone.run('seeds', '--config', 'first', '--seeds', '2')
    expect(exitCode, output).toBe(0)
    expect(output).toMatch(
      /^validation over 2 seeds: mean \d+\.\d %, standard deviation \(n - 1\) \d+\.\d points, worst/m,
    )
    const [line = '', ...others] = (await clone.read('records/seeds.jsonl')).trimEnd().split('\n')
    expect(others).toEqual([])
    const trial = { accuracy: expect.any(Number), loss: expect.any(Number), best_epoch: expect.any(Number) }
    expect(JSON.parse(line)).toEqual({
      configuration: 'first',
      trials: [1, 2].map((seed) => ({ ...trial, seed, epochs: expect.any(Number) })),
    })
    expect(await clone.git('status', '--porcelain', '--untracked-files=all')).toBe('?? records/seeds.jsonl')
  })
})
