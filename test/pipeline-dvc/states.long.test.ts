import { chmod, cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { md5, objectPath } from '../../src/core/dvc-objects.ts'
import { sha256 } from '../../src/core/files.ts'
import { readPredictions } from '../../src/scores/predictions.ts'
import {
  answersOf,
  type Clone,
  cloneAgain,
  cloneCheckout,
  commit,
  GIT_USER,
  type Outcome,
  startedStages,
} from '../support/clone.ts'
import { makeTiny } from '../support/tiny.ts'

/** One clone goes through all states, one after the other, since a run of DVC takes seconds even when it does nothing. */
let clone: Clone
let first: Outcome
/** A clone that plain DVC runs in, at the same time. */
let other: Clone
let plain: Outcome
let second: Clone | undefined
/** A clone that has not trained yet. */
let untrained: Clone | undefined

beforeAll(async () => {
  clone = await cloneCheckout()
  await makeTiny(clone)
  await commit(clone)
  other = await cloneAgain(clone)
  const runs = await Promise.all([clone.run('repro'), other.plainDvc('repro')])
  first = runs[0]
  plain = runs[1]
}, 300_000)

afterAll(async () => {
  await Promise.all([clone, other, second, untrained].map((each) => each?.remove()))
})

const LOOKS = 'records/test-evaluations.jsonl'
const RECORDED = [` M ${LOOKS}`, ' M records/trainings.jsonl']

/** Configuration and images of each look that a clone has recorded. */
async function looksOf({ read }: Clone): Promise<[string, number][]> {
  const lines = (await read(LOOKS)).trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line)).map(({ configuration, images }) => [configuration, images])
}

/** Stages of dvc.lock with their hashes, without the records and the page, which show how long each training took. */
function lockedStages(lock: string): Record<string, unknown> {
  type Named = { path: string }[] | undefined
  const { stages } = parse(lock) as { stages: Record<string, { deps?: Named; outs?: Named }> }
  const isAlike = ({ path }: { path: string }) => !/^(records|artifacts\/report)$/.test(path)
  const entries = Object.entries(stages).map(([name, { deps, outs, ...stage }]) => {
    return [name, { ...stage, deps: deps?.filter(isAlike), outs: outs?.filter(isAlike) }]
  })
  return Object.fromEntries(entries)
}

/** Sizes and times of all files below some folders of a clone. */
async function filesOf({ root }: Clone, folders: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    folders.map((folder) => readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => [])),
  )
  const files = lists.flat().filter((entry) => entry.isFile())
  const lines = files.map(async ({ parentPath, name }) => {
    const { size, mtimeMs } = await stat(join(parentPath, name))
    return `${join(parentPath, name)} ${size} ${mtimeMs}`
  })
  return (await Promise.all(lines)).sort()
}

/** Runs repro and kills it with its DVC as soon as a file has fewer bytes than before, which it has while DVC writes it. */
async function killWriting(path: string, { root }: Clone, args: readonly string[]): Promise<void> {
  const { size } = await stat(join(root, path))
  const repro = execa(process.execPath, ['commands/repro.ts', ...args], { cwd: root, reject: false, stdin: 'ignore' })
  const ended = repro.then(() => true)
  while ((await stat(join(root, path))).size >= size) {
    if (await Promise.race([ended, sleep(1).then(() => false)])) throw new Error(`${path} was not seen while written`)
  }
  const children = await readFile(`/proc/${repro.pid}/task/${repro.pid}/children`, 'utf8')
  for (const dvc of children.trim().split(' ')) process.kill(-Number(dvc), 'SIGKILL')
  repro.kill('SIGKILL')
  await repro
}

describe('the pipeline under DVC', { timeout: 300_000 }, () => {
  it('runs every stage in a fresh clone and passes its gate', async () => {
    expect(first.output).toContain('gate: passed')
    expect(first.exitCode).toBe(0)
    expect(startedStages(first).sort()).toEqual([
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
    const status = await clone.git('status', '--porcelain', '--untracked-files=all', '--', ':!results')
    expect(status.split('\n')).toEqual([...RECORDED, '?? dvc.lock'])
    await commit(clone)
  })

  it('gives the same hashes and results under plain `dvc repro` with an empty environment', async () => {
    expect(plain.output).toContain('gate: passed')
    expect(startedStages(plain)).toHaveLength(9)
    expect(lockedStages(await other.read('dvc.lock'))).toEqual(lockedStages(await clone.read('dvc.lock')))
    for (const file of [
      'README.md',
      'model-card.md',
      'metrics/first.json',
      'confusion/second.csv',
      'predictions.csv',
      'plots/first.svg',
    ]) {
      expect(await other.read(`results/${file}`)).toBe(await clone.read(`results/${file}`))
    }
  })

  it('does nothing a second time, and says so', async () => {
    const outcome = await clone.run('repro')
    expect(startedStages(outcome)).toEqual([])
    expect(outcome.output).toContain('everything is up to date')
    expect(await clone.git('status', '--porcelain')).toBe('')
  })

  it('restores dvc.lock after a kill while DVC was writing it, and runs nothing again', async () => {
    const before = await clone.read('dvc.lock')
    await killWriting('dvc.lock', clone, ['split', '--force'])
    expect((await clone.read('dvc.lock')).length).toBeLessThan(before.length)
    const verified = await clone.run('verify')
    expect(verified.exitCode).toBe(2)
    expect(verified.output).toMatch(
      /^verify: BrokenError: Expected dvc\.lock as DVC writes it, received .*\. Run `npm run repro`, which restores the last complete one\.$/,
    )
    const outcome = await clone.run('repro')
    expect(outcome.output).toContain(
      'repro: dvc.lock was truncated, as by a killed run or a full disk; restored the copy of the last run\n',
    )
    expect(startedStages(outcome)).toEqual([])
    expect(outcome).toMatchObject({ exitCode: 0, output: expect.stringContaining('everything is up to date') })
    expect(await clone.read('dvc.lock')).toBe(before)
    expect(await clone.git('status', '--porcelain')).toBe('')
  })

  it('has recorded each model that was scored on the test set, once', async () => {
    expect(first.output).toMatch(/^records: .*2 models scored on the test set \(first \d\/9, second \d\/9\)$/m)
    expect(await looksOf(clone)).toEqual([
      ['first', 9],
      ['second', 9],
    ])
    expect(await clone.read('results/README.md')).toContain('2 models have been evaluated on this test set so far')
  })

  it.each(['1', '3'])('evaluate gives the same bytes where the threads are %s', async (threads) => {
    const folder = join(clone.root, 'artifacts/evaluate/first')
    const digests = async () =>
      Promise.all(
        (await readdir(folder)).sort().map(async (name) => [name, sha256(await readFile(join(folder, name)))]),
      )
    const before = await digests()
    await rm(folder, { recursive: true }) // else a stage that wrote nothing would pass
    await execa(process.execPath, ['pipeline/evaluate.ts', 'first'], {
      cwd: clone.root,
      env: { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: threads },
    })
    expect(await digests()).toEqual(before)
  })

  it('trains nothing in a second clone that pulls', async () => {
    const remote = join(clone.root, '.paddock/remote')
    const config = `[core]\nremote = shelf\n['remote "shelf"']\nurl = ${remote}\n`
    await clone.write('.dvc/config.local', config)
    expect(await clone.plainDvc('push', '--quiet', '--run-cache')).toMatchObject({ exitCode: 0 })
    second = await cloneAgain(clone)
    await second.write('.dvc/config.local', config)
    await second.remove('dvc.lock') // even without it: the run cache knows what came of the same inputs
    const outcome = await second.run('repro', '--pull')
    expect(outcome.exitCode).toBe(0)
    expect(startedStages(outcome)).toEqual(['report', 'gate'])
    expect(await second.git('status', '--porcelain')).toBe('')
  })

  it('merges branches that each added a configuration, without a hand in dvc.lock and without training', async () => {
    if (!second) throw new Error('no second clone')
    const { git, set, run, root } = second
    const step = "import { makeMergeDrivers } from './commands/setup/merge-drivers.mjs'; makeMergeDrivers('.')"
    await execa('node', ['--input-type=module', '--eval', step], { cwd: root }) // of set-up
    const entry = { architecture: 'mobilenet', mode: 'zero', width: 0.25, batchSize: 8 }
    for (const side of ['left', 'right']) {
      await git('checkout', '--quiet', '-b', side, side === 'left' ? 'HEAD' : 'left~1')
      await set({ [`models.${side}`]: entry })
      expect(startedStages(await run('repro'))).toEqual([`train@${side}`, `evaluate@${side}`, 'report', 'gate'])
      await commit(second)
    }
    await expect(git(...GIT_USER, 'merge', '--quiet', 'left')).rejects.toThrow('CONFLICT')
    expect(await git('diff', '--name-only', '--diff-filter=U')).toBe('params.yaml') // both added the last entry
    await git('checkout', '--quiet', '--ours', 'params.yaml')
    await set({ 'models.left': entry })
    await commit(second)
    expect(await git('rev-list', '--count', 'left..HEAD')).toBe('2') // right's commit, and the merge
    expect(startedStages(await run('repro'))).toEqual(['report', 'gate'])
    expect((await looksOf(second)).map(([configuration]) => configuration).sort()).toEqual([
      ...['first', 'left', 'right', 'second'],
    ])
    expect((await run('verify')).output).toMatch(/^verify: up to date, gate passed/)
  })

  it('trains a changed and an added configuration, and not the others', async () => {
    const third = { architecture: 'mobilenet', mode: 'zero', width: 0.25, batchSize: 8 }
    await clone.set({ 'models.first.epochs': 2, 'models.third': third })
    const outcome = await clone.run('repro')
    const started = startedStages(outcome)
    expect(started.slice(-2)).toEqual(['report', 'gate'])
    expect(started.slice(0, -2).sort()).toEqual(['evaluate@first', 'evaluate@third', 'train@first', 'train@third'])
    expect(await clone.read('results/README.md')).toContain('third')
    expect((await looksOf(clone)).map(([configuration]) => configuration)).toEqual([
      ...['first', 'second', 'first', 'third'],
    ])
    expect(await clone.read('results/README.md')).toContain('4 models have been evaluated on this test set so far')
  })

  it('trains a renamed configuration under its new name, and no other', async () => {
    const third = parse(await clone.read('params.yaml')).models.third
    await clone.set({ 'models.third': undefined, 'models.renamed': third })
    const outcome = await clone.run('repro')
    expect(startedStages(outcome)).toEqual(['train@renamed', 'evaluate@renamed', 'report', 'gate'])
    expect(outcome.output).toMatch(/^dvc\.lock: removed .*third, .*third, which dvc\.yaml no longer has$/m)
  })

  it('trains nothing when a change is taken back, and forgets a removed configuration', async () => {
    await clone.set({ 'models.first.epochs': undefined, 'models.renamed': undefined })
    const outcome = await clone.run('repro')
    expect(startedStages(outcome)).toEqual(['report', 'gate'])
    expect((await readdir(join(clone.root, 'artifacts/evaluate'))).sort()).toEqual(['first', 'second'])
    const changed = await clone.git('status', '--porcelain', '--', ':!dvc.lock')
    expect(changed.split('\n')).toEqual([...RECORDED, ' M results/README.md']) // what was seen stays seen
    expect(outcome.output).toMatch(/^dvc\.lock: removed .*renamed, .*renamed, which dvc\.yaml no longer has$/m)
    expect(await clone.plainDvc('repro')).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('Data and pipelines are up to date.'),
    })
    expect((await clone.run('verify')).output).toMatch(/^verify: up to date, gate passed/)
    const { report: _report, ...rest } = lockedStages(await clone.read('dvc.lock'))
    const { report: _other, ...wanted } = lockedStages(await other.read('dvc.lock'))
    expect(rest).toEqual(wanted) // as if it had never been there, but for what the test set has told
  })

  it.each([
    ['src/report/results.ts', ['report']], // to the same results, so that the gate need not run
    ['src/gate/verdict.ts', ['report', 'gate']],
  ])('runs report and gate alone after a change of %s', async (file, stages) => {
    await clone.write(file, `${await clone.read(file)}// changed\n`)
    expect(startedStages(await clone.run('repro'))).toEqual(stages)
  })

  it('trains again, but neither fetches, splits nor augments, after a new option of training', async () => {
    const file = 'src/train/params.ts'
    await clone.write(file, `${await clone.read(file)}// a new option\n`)
    expect(startedStages(await clone.run('repro')).sort()).toEqual(['train@first', 'train@second']) // to the same weights
  })

  it('trains the configurations of an architecture alone after a change of its file', async () => {
    const file = 'src/models/mobilenet.ts'
    await clone.write(file, `${await clone.read(file)}// changed\n`)
    const started = startedStages(await clone.run('repro'))
    expect(started).toEqual(['train@second'])
  })

  it('ends with 1 when the gate fails, with the results written', async () => {
    await clone.set({ 'gate.minTestImages': 1000 })
    const outcome = await clone.run('repro')
    expect(outcome.exitCode).toBe(1)
    expect(outcome.output).toMatch(/gate: GateError: Expected at least 1,000 test images/)
    expect(startedStages(outcome)).toEqual(['report', 'gate'])
    expect(await clone.read('results/README.md')).toMatch(/Gate failed/)
    expect(await clone.plainDvc('status', 'report')).toMatchObject({ output: expect.stringContaining('up to date') })
    const said = (await clone.run('verify')).output
    expect(said).toMatch(/^gate: Expected at least 1,000 test images/)
    expect(said).not.toMatch(/changed|never ran|commit what it changes/)
  })

  it('fetches again after a changed pin', async () => {
    await clone.set({ 'gate.minTestImages': 1 })
    const folder = join(clone.root, 'data/train/cat')
    await cp(join(folder, '0001.png'), join(folder, '9999.png'))
    expect(await clone.run('dvc', 'add', '--quiet', 'data')).toMatchObject({ exitCode: 0 })
    const outcome = await clone.run('repro', 'split')
    expect(startedStages(outcome)).toEqual(['fetch', 'split'])
    expect(outcome.output).toContain('fetch: 46 images of 3 classes, 0 rejected')
  })

  it('stops at a swapped test image, then at the photograph that stands in training too, and goes on without it', async () => {
    await cp(join(clone.root, 'data/train/cat/0002.png'), join(clone.root, 'data/test/cat/0001.png'))
    await clone.run('dvc', 'add', '--quiet', 'data')
    const swapped = await clone.run('repro', 'split')
    expect(swapped.exitCode).toBe(1)
    expect(swapped.output).toContain(
      'fetch: DataError: Expected the test set of test-set.csv, received one with a change.',
    )
    expect(swapped.output).toContain('\n  test/cat/0001.png: changed: another image\n')
    const accepted = await clone.run('accept-test-set')
    expect(accepted.output).toMatch(/^accept-test-set: test-set\.csv: 9 images, [0-9a-f]{12}, changes: 1\n/)
    const leaking = await clone.run('repro', 'split')
    expect(startedStages(leaking)).toEqual(['fetch', 'split'])
    expect(leaking.exitCode).toBe(1)
    expect(leaking.output).toContain('\n  test/cat/0001.png: the same as train/cat/0002.png\n')
    await clone.write('exclude.csv', 'id,reason\ntrain/cat/0002.png,in the test set\n')
    const excluded = await clone.run('repro', 'split')
    expect(startedStages(excluded)).toEqual(['fetch', 'split'])
    expect(excluded.output).toMatch(/^split: .* of 3 classes; 1 excluded; 2 duplicates kept together/m)
  })

  it('refuses images that are not those of the pin', async () => {
    const pin = `${'0'.repeat(32)}.dir`
    await clone.write('data.dvc', `outs:\n- {md5: ${pin}, size: 1, nfiles: 1, hash: md5, path: data}\n`)
    expect((await clone.run('repro', 'fetch')).output).toContain('\n  data/: 46 files, 1 pinned')
    const outcome = await clone.plainDvc('repro', 'fetch')
    expect(outcome.exitCode).not.toBe(0)
    expect(outcome.output).toMatch(
      new RegExp(`fetch: DataError: Expected .*${pin}, received [0-9a-f]{32}.dir \\(46 files\\)`),
    )
  })
})

/** In the clone that plain DVC filled, which stays as it is. */
describe('the commands after a run', { timeout: 300_000 }, () => {
  it('predict gives the predictions of evaluate for the test images, and exits with 1 for a file that is no image', async () => {
    await other.write('broken.jpg', 'no image')
    const files = ['data/test/cat/0001.png', 'broken.jpg', 'data/test/horse/0002.png']
    const outcome = await other.run('predict', '--config', 'first', '--json', ...files)
    expect(outcome.exitCode).toBe(1)
    expect(outcome.output).toMatch(/^predict: broken\.jpg: /m)
    const predictions = await readPredictions(join(other.root, 'artifacts/evaluate/first/predictions.csv'))
    expect(answersOf(outcome.output)).toEqual(
      ['test/cat/0001.png', 'test/horse/0002.png'].map((id) => {
        const evaluated = predictions.find((each) => each.id === id)
        return { file: `data/${id}`, label: evaluated?.prediction, probabilities: evaluated?.calibrated }
      }),
    )
  })

  it('certify trains the chosen configuration of HEAD again to the same bytes, and leaves no trace', async () => {
    await commit(other)
    const places = ['.paddock', '.dvc/cache', 'artifacts', 'results']
    const before = await filesOf(other, places)
    const outcome = await other.run('certify')
    expect(outcome.output).toMatch(/^certify: (first|second) of [0-9a-f]+ is identical/m)
    expect(startedStages(outcome)).toEqual([expect.stringMatching(/^train@/), expect.stringMatching(/^evaluate@/)])
    expect(outcome.exitCode).toBe(0)
    expect(await filesOf(other, places)).toEqual(before)
    expect(await other.git('status', '--porcelain')).toBe('')
    expect((await other.git('worktree', 'list')).split('\n')).toHaveLength(1)
  })

  it('a DVC experiment in a temporary copy gives the same hashes', async () => {
    const outcome = await other.plainDvc('exp', 'run', '--temp', '--force', '--name', 'copy', 'evaluate@first')
    expect(outcome.exitCode, outcome.output).toBe(0)
    const stages = ['fetch', 'split', 'augment', 'train@first', 'evaluate@first']
    expect(startedStages(outcome)).toEqual(stages)
    const ref = (await other.git('for-each-ref', '--format=%(refname)', 'refs/exps/*/*/copy')).trim()
    const copy = lockedStages(await other.git('show', `${ref}:dvc.lock`))
    const wanted = lockedStages(await other.read('dvc.lock'))
    for (const stage of stages) expect([stage, copy[stage]]).toEqual([stage, wanted[stage]])
    expect(await other.git('status', '--porcelain')).toBe('')
  })

  it.each([['in a temporary copy', '--temp'], ['in the workspace']])(
    'keeps an experiment %s that misses the gate, which plain `dvc repro` fails at once it is applied',
    async (_where, ...options) => {
      const set = ['--set-param', 'gate.minTestImages=1000', '--name', 'missed']
      const outcome = await other.plainDvc('exp', 'run', ...options, ...set)
      expect(outcome.output).toContain(
        'gate: missed, which does not end an experiment: Expected at least 1,000 test images',
      )
      expect(outcome.exitCode).toBe(0)
      expect(await other.plainDvc('exp', 'apply', 'missed')).toMatchObject({ exitCode: 0 })
      const applied = await other.plainDvc('repro')
      expect(startedStages(applied)).toEqual(['report', 'gate'])
      expect(applied.output).toContain('gate: GateError: Expected at least 1,000 test images')
      expect(applied.exitCode).not.toBe(0)
      await other.plainDvc('exp', 'remove', 'missed')
      await other.git('reset', '--hard', '--quiet')
      await other.plainDvc('checkout', '--quiet')
      expect(await other.git('status', '--porcelain')).toBe('')
    },
  )

  it.each([
    ['artifacts/fetch/manifest.csv', { 'split.train': 0.7, 'split.validation': 0.2 }, 'split', 'fetch'],
    ['artifacts/fetch/images', { 'augment.rotation': 10 }, 'augment', 'fetch'],
    ['artifacts/augment/validation.npy', { 'train.epochs': 2 }, 'train@first', 'augment'],
    ['artifacts/train/first/model/weights.bin', { 'evaluate.batchSize': 8 }, 'evaluate@first', 'train@first'],
    ['artifacts/evaluate/first/metrics.json', { 'report.title': 'Changed' }, 'report', 'evaluate@first'],
  ])(
    "refuses a byte that changed in DVC's cache, of %s, and says what brings it back",
    async (path, change, reader, writer) => {
      const before = await other.read('params.yaml')
      const damaged = await damage(other, path)
      await other.plainDvc('checkout', '--quiet', writer)
      await other.set(change)
      const refused = await other.plainDvc('repro', '--single-item', reader)
      expect(refused.exitCode).not.toBe(0)
      const command = remedyIn(refused, { reader, writer, ...damaged })
      const { exitCode, all } = await inShell(other, command)
      expect(exitCode, all).toBe(0)
      await other.write('params.yaml', before)
      expect(md5(await readFile(join(other.root, damaged.file)))).toBe(damaged.hash)
      await other.plainDvc('checkout', '--quiet', reader) // brings back what DVC removed before it ran
    },
  )

  it('needs no training once what was damaged is back', async () => {
    const outcome = await other.plainDvc('repro')
    expect(outcome.exitCode, outcome.output).toBe(0)
    expect(startedStages(outcome).filter((stage) => !/^(report|gate)$/.test(stage))).toEqual([])
  })

  it('remote --check names it without a remote too, and --heal and what it says bring it back', async () => {
    const { file, object, hash } = await damage(other, 'artifacts/augment/test.npy')
    const seen = await other.run('remote', '--check')
    expect(seen.output).toMatch(new RegExp(`${object} \\(${file}, \\d+ bytes\\): its MD5 is [0-9a-f]{32}$`, 'm'))
    expect(seen).toMatchObject({ exitCode: 1, output: expect.stringContaining('Run `npm run remote -- --heal`.') })
    const healed = await other.run('remote', '--heal')
    const [, command = ''] = /removed; `(.+)` makes them again/.exec(healed.output) ?? []
    const { exitCode, all } = await inShell(other, command)
    expect(exitCode, all).toBe(0)
    expect(md5(await readFile(join(other.root, file)))).toBe(hash)
    expect((await other.run('remote', '--check')).output).toMatch(/all \d+ objects are intact; there is no remote/)
  })

  it('refuses such a byte in the first training, and in the copy of an experiment, and trains nothing', async () => {
    untrained = await cloneAgain(other)
    await untrained.remove('dvc.lock')
    expect(await untrained.run('repro', 'augment')).toMatchObject({ exitCode: 0 })
    for (const run of [
      (clone: Clone) => clone.run('repro'),
      async (clone: Clone) => {
        await commit(clone)
        return clone.plainDvc('exp', 'run', '--temp', '--name', 'damaged', '--set-param', 'train.epochs=2')
      },
    ]) {
      const damaged = await damage(untrained, 'artifacts/augment/validation.npy')
      const refused = await run(untrained)
      expect(refused.exitCode).not.toBe(0)
      const command = remedyIn(refused, { reader: 'train@first', writer: 'augment', ...damaged })
      expect(await readdir(join(untrained.root, 'artifacts'))).not.toContain('train')
      expect(await inShell(untrained, command)).toMatchObject({ exitCode: 0 })
    }
    expect(await untrained.run('repro')).toMatchObject({ exitCode: 0 })
  })

  it("refuses another configuration's outputs in the run cache, and trains again as it says", async () => {
    await other.write('dvc.lock', await forgeRunCache(other, { from: 'first', to: 'second' }))
    for (const path of ['train', 'evaluate']) await other.remove(`artifacts/${path}/second`)
    const refused = await other.plainDvc('repro', 'evaluate@second')
    expect(startedStages(refused)).toEqual(['evaluate@second'])
    const found = /evaluate@second: DataError: .*received another: configuration first instead of second, .*`(npm .+)`/
    const [, command = ''] = found.exec(refused.output) ?? []
    const { exitCode, all } = await inShell(other, command)
    expect(exitCode, all).toBe(0)
    expect(await other.plainDvc('repro', 'evaluate@second')).toMatchObject({ exitCode: 0 })
  })

  it('summary prints the network of a configuration', async () => {
    const outcome = await other.run('summary', '--config', 'first')
    expect(outcome).toMatchObject({ exitCode: 0, output: expect.stringContaining('"first, 112 px, 3 classes"') })
  })

  it('train has nothing to do for a configuration that is up to date', async () => {
    const outcome = await other.run('train', '--config', 'first')
    expect(startedStages(outcome)).toEqual([])
    expect(outcome).toMatchObject({ exitCode: 0, output: expect.stringContaining('train: everything is up to date') })
  })

  it('finish prints its usage with --help', async () => {
    const outcome = await other.run('finish', '--help')
    expect(outcome).toMatchObject({ exitCode: 0, output: expect.stringContaining('usage: npm run finish') })
  })

  it('certify refuses a commit whose dvc.lock is stale', async () => {
    await other.set({ 'train.epochs': 2 })
    await commit(other)
    expect(await other.run('certify', '--config', 'first')).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('train@first of HEAD is stale, see `npm run verify`'),
    })
    await other.set({ 'train.epochs': 1 })
  })

  it('certify names the first weight tensor that differs', async () => {
    const file = 'artifacts/train/first/model/weights.bin'
    const bytes = await readFile(join(other.root, file))
    bytes.writeFloatLE(bytes.readFloatLE(bytes.length - 4) + 0.5, bytes.length - 4) // the last bias
    await other.remove(file) // it may be a link into DVC's cache
    await other.write(file, bytes)
    await other.plainDvc('commit', '--force', '--quiet')
    await commit(other)
    const outcome = await other.run('certify', '--config', 'first')
    expect(outcome.exitCode).toBe(1)
    expect(outcome.output).toMatch(/certify: DataError: first of [0-9a-f]+ does not come out identical\./)
    expect(outcome.output).toMatch(
      /artifacts\/train\/first\/model: first in \S+: 1 of \d+ numbers, by 0\.500 at most; 1 of \d+ tensors differ/,
    )
  })
})

/** A damaged output, as the hash that dvc.lock has of it tells. */
interface Damaged {
  readonly file: string
  readonly hash: string
  readonly object: string
}

/** Flips a bit of the object of a file in DVC's cache, which stays read-only, and removes the file; of a folder, of its last file. */
async function damage({ root }: Clone, path: string): Promise<Damaged> {
  const isFolder = (await stat(join(root, path))).isDirectory()
  const file = isFolder ? `${path}/${(await readdir(join(root, path))).sort().at(-1)}` : path
  const bytes = await readFile(join(root, file))
  const hash = md5(bytes)
  const object = objectPath('.dvc/cache', hash)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  await chmod(join(root, object), 0o644)
  await writeFile(join(root, object), bytes)
  await chmod(join(root, object), 0o444)
  await rm(join(root, file))
  return { file, hash, object }
}

/**
 * Puts the outputs of one training into the run cache as those of another.
 *
 * @returns a dvc.lock without that training and its evaluation
 */
async function forgeRunCache({ root, read }: Clone, { from, to }: { readonly from: string; readonly to: string }) {
  type Outs = readonly { readonly path: string }[]
  const lock = parse(await read('dvc.lock')) as { stages: Record<string, { outs: Outs }> }
  const outs = lock.stages[`train@${from}`]?.outs.map((out) => ({ ...out, path: out.path.replace(from, to) }))
  const files = await readdir(join(root, '.dvc/cache/runs'), { recursive: true, withFileTypes: true })
  const entries = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  for (const entry of entries) {
    const content = parse(await readFile(entry, 'utf8'))
    if (content.cmd.endsWith(`train.ts ${to}`)) await writeFile(entry, stringify({ ...content, outs }))
  }
  const { [`train@${to}`]: _train, [`evaluate@${to}`]: _evaluate, ...stages } = lock.stages
  return stringify({ ...lock, stages })
}

/** The command that the message of a refusal names. */
function remedyIn(
  { output }: Outcome,
  damaged: Damaged & { readonly reader: string; readonly writer: string },
): string {
  const { reader, writer, file, object } = damaged
  const [line = ''] = output.split('\n').filter((each) => each.startsWith(`${reader}: DataError: `))
  expect(line, output).toContain(`Expected ${file} as ${writer} wrote it, received different bytes`)
  expect(line).toContain(`${object}, is damaged too. Restore it with \``)
  return /`(.+)`/.exec(line)?.[1] ?? ''
}

async function inShell({ root }: Clone, command: string) {
  return execa('sh', ['-c', command], { cwd: root, reject: false, all: true })
}
