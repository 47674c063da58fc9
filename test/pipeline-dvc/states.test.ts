import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Clone, cloneAgain, cloneCheckout, commit, startedStages } from '../support/clone.ts'
import { makeTiny } from '../support/tiny.ts'

/** One clone goes through all states, one after the other, since a run of DVC takes seconds even when it does nothing. */
let clone: Clone
const others: Clone[] = []

beforeAll(async () => {
  clone = await cloneCheckout()
  await makeTiny(clone)
  await clone.run('deps')
  await commit(clone)
})

afterAll(async () => {
  await Promise.all([clone, ...others].map((each) => each.remove()))
})

/** Stages of dvc.lock with their hashes, but for the records of runs, whose times differ. */
async function lockedStages({ read }: Clone): Promise<Record<string, unknown>> {
  const { stages } = parse(await read('dvc.lock')) as { stages: Record<string, { outs?: { path: string }[] }> }
  const entries = Object.entries(stages).map(([name, stage]) => {
    const outs = stage.outs?.filter(({ path }) => !path.startsWith('artifacts/runs/'))
    return [name, { ...stage, outs }]
  })
  return Object.fromEntries(entries)
}

describe('the pipeline under DVC', { timeout: 300_000 }, () => {
  it('runs every stage in a fresh clone and passes its gate', async () => {
    const outcome = await clone.run('repro')
    expect(outcome.output).toContain('gate: passed')
    expect(outcome.exitCode).toBe(0)
    expect(startedStages(outcome).sort()).toEqual([
      'augment',
      'evaluate@first',
      'evaluate@second',
      'fetch',
      'gate',
      'report',
      'split',
      'train@first',
      'train@second',
    ])
    expect(await clone.git('status', '--porcelain', '--untracked-files=all', '--', ':!results')).toBe('?? dvc.lock')
    await commit(clone)
  })

  it('does nothing a second time, and says so', async () => {
    const outcome = await clone.run('repro')
    expect(startedStages(outcome)).toEqual([])
    expect(outcome.output).toContain('everything is up to date')
    expect(await clone.git('status', '--porcelain')).toBe('')
  })

  it('gives the same hashes under plain `dvc repro` with an empty environment', async () => {
    const other = await cloneAgain(clone)
    others.push(other)
    await other.remove('dvc.lock')
    const outcome = await other.plainDvc('repro')
    expect(outcome.output).toContain('gate: passed')
    expect(startedStages(outcome)).toHaveLength(9)
    expect(await lockedStages(other)).toEqual(await lockedStages(clone))
    expect(await other.git('status', '--porcelain', '--', 'results')).toBe('')
  })

  it('trains nothing in a second clone that pulls', async () => {
    const remote = join(clone.root, '.paddock/remote')
    await clone.plainDvc('remote', 'add', '--local', '--default', 'shelf', remote)
    expect(await clone.plainDvc('push', '--quiet', '--run-cache')).toMatchObject({ exitCode: 0 })
    const second = await cloneAgain(clone)
    others.push(second)
    await second.plainDvc('remote', 'add', '--local', '--default', 'shelf', remote)
    await second.remove('dvc.lock') // even without it: the run cache knows what came of the same inputs
    expect(await second.plainDvc('pull', '--quiet', '--run-cache', 'data.dvc')).toMatchObject({ exitCode: 0 })
    const outcome = await second.run('repro', '--pull')
    expect(startedStages(outcome)).toEqual(['report', 'gate'])
    expect(await second.git('status', '--porcelain')).toBe('')
  })

  it('runs what follows from a changed entry of models, and nothing else', async () => {
    await clone.set({ 'models.first.epochs': 2 })
    const outcome = await clone.run('repro')
    expect(startedStages(outcome)).toEqual(['train@first', 'evaluate@first', 'report', 'gate'])
  })

  it('trains nothing when the change is taken back', async () => {
    await clone.set({ 'models.first.epochs': undefined })
    const outcome = await clone.run('repro')
    expect(startedStages(outcome)).toEqual(['report', 'gate'])
    expect(await clone.git('status', '--porcelain')).toBe('')
  })

  it('trains an added configuration alone', async () => {
    await clone.set({ 'models.third': { architecture: 'mobilenet', mode: 'zero', width: 0.25, batchSize: 8 } })
    const outcome = await clone.run('repro')
    expect(startedStages(outcome)).toEqual(['train@third', 'evaluate@third', 'report', 'gate'])
    expect(await clone.read('results/README.md')).toContain('third')
  })

  it('forgets a removed configuration', async () => {
    await clone.set({ 'models.third': undefined })
    const outcome = await clone.run('repro')
    expect(startedStages(outcome)).toEqual(['report', 'gate'])
    expect((await readdir(join(clone.root, 'artifacts/evaluate'))).sort()).toEqual(['first', 'second'])
    expect(await clone.git('status', '--porcelain', '--', 'results')).toBe('')
    const { 'train@third': _train, 'evaluate@third': _evaluate, ...rest } = await lockedStages(clone)
    await clone.git('stash', '--quiet')
    expect(rest).toEqual(await lockedStages(clone)) // as if it had never been there
    await clone.git('stash', 'pop', '--quiet')
  })

  it('runs report and gate alone after a change of src/report', async () => {
    const file = 'src/report/verdict.ts'
    await clone.write(file, `${await clone.read(file)}// changed\n`)
    expect(startedStages(await clone.run('repro'))).toEqual(['report', 'gate'])
  })

  it('trains the configurations of an architecture alone after a change of its file', async () => {
    const file = 'src/models/mobilenet.ts'
    await clone.write(file, `${await clone.read(file)}// changed\n`)
    const started = startedStages(await clone.run('repro'))
    expect(started).toEqual(['train@second']) // to the same weights, so that nothing follows
  })

  it('ends with 1 when the gate fails, with the results written', async () => {
    await clone.set({ 'gate.minTestImages': 1000 })
    const outcome = await clone.run('repro')
    expect(outcome.exitCode).toBe(1)
    expect(outcome.output).toMatch(/gate: GateError: .*1000/)
    expect(startedStages(outcome)).toEqual(['report', 'gate'])
    expect(await clone.read('results/README.md')).toMatch(/Gate failed/)
    expect(await clone.plainDvc('status', 'report')).toMatchObject({ output: expect.stringContaining('up to date') })
  })

  it('fetches again after a changed pin', async () => {
    await clone.set({ 'gate.minTestImages': 1 })
    await clone.write('data/train/cat/9999.png', await clone.read('data/train/cat/0001.png'))
    expect(await clone.run('dvc', 'add', '--quiet', 'data')).toMatchObject({ exitCode: 0 })
    const outcome = await clone.run('repro', 'split')
    expect(startedStages(outcome)).toEqual(['fetch', 'split'])
  })

  it('refuses pictures that are not those of the pin', async () => {
    const pin = `${'0'.repeat(32)}.dir`
    await clone.write('data.dvc', `outs:\n- {md5: ${pin}, size: 1, nfiles: 1, hash: md5, path: data}\n`)
    const outcome = await clone.run('repro', 'fetch')
    expect(outcome.exitCode).not.toBe(0)
    expect(outcome.output).toMatch(
      new RegExp(`fetch: DataError: Expected .*${pin}, received [0-9a-f]{32}.dir \\(46 files\\)`),
    )
  })
})
