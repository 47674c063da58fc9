import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keepStages, parseLock } from '../../../src/dvc/lock.ts'
import { NO_FAULTS } from '../../../src/review/verify/results.ts'
import { verificationOf } from '../../../src/review/verify/verification.ts'
import { type Clone, cloneCheckout, commit } from '../../support/clone.ts'
import { writeConsistentResults } from '../../support/consistent-results.ts'
import { runHere } from '../../support/run-here.ts'
import { writeLock } from '../../support/up-to-date.ts'

let clone: Clone
const kept = new Map<string, string>()

beforeAll(async () => {
  clone = await cloneCheckout()
  await writeLock(clone.root)
})

afterAll(() => clone.remove())

/** Runs verify with a changed file, and restores the file. */
async function verifyWith(file: string, change: (text: string) => string, ...args: string[]) {
  const text = kept.get(file) ?? (await clone.read(file))
  kept.set(file, text)
  await clone.write(file, change(text))
  const result = await verify(...args)
  await clone.write(file, text)
  return result
}

async function verify(...args: string[]) {
  const { exitCode, stdout, stderr } = await runHere(clone.root, 'commands/verify.ts', ...args)
  return { exitCode, lines: stdout.split('\n'), stderr }
}

describe('verify', () => {
  it('exits with 0 and the verdict of the gate when everything is up to date', async () => {
    expect(await clone.run('verify')).toEqual({
      exitCode: 0,
      output: expect.stringMatching(/^verify: up to date, gate passed: mobilenet025-zero, validation.*$/),
    })
  })

  it('exits with 1 and names what changed, a line for each stage', async () => {
    const { exitCode, lines, stderr } = await verifyWith('params.yaml', (text) =>
      text.replace('size: 112\n  fit', 'size: 96\n  fit'),
    )
    expect([exitCode, lines]).toEqual([
      1,
      [
        'fetch: its command changed, image changed', // which has the size
        'augment: image changed',
        ...['train', 'evaluate'].flatMap((stage) =>
          ['original-zero', 'mobilenet025-zero'].map((name) => `${stage}@${name}: image changed`),
        ),
        'report: image changed',
      ],
    ])
    expect(stderr).toContain('Run `npm run repro` and commit what it changes.')
  })

  it('prints stale configurations as JSON, and whether the data is stale', async () => {
    const { exitCode, lines } = await verifyWith(
      'params.yaml',
      (text) => text.replace('    width: 0.25', '    width: 0.5'),
      '--json',
    )
    const said = JSON.parse(lines.join('\n')) as Record<string, unknown>
    expect(exitCode).toBe(1)
    expect(said).toMatchObject({
      verdict: 'stale',
      staleConfigurations: ['mobilenet025-zero'],
      isDataStale: false,
      leftovers: [],
    })
  })

  it('fails for a metric that was edited by hand, even when dvc.lock agrees with it', async () => {
    const file = 'results/metrics/original-zero.json'
    const { holdout } = JSON.parse(await clone.read(file)) as { holdout: { correct: number } }
    const edited = (text: string) => {
      const metrics = JSON.parse(text) as { holdout: { correct: number } }
      metrics.holdout.correct -= 1
      return JSON.stringify(metrics)
    }
    const { exitCode, lines } = await verifyWith(file, edited)
    expect([exitCode, ...lines.slice(0, 3)]).toEqual([
      1,
      'report: results/metrics changed',
      'gate: results/metrics changed',
      `${file}: holdout.correct is ${holdout.correct - 1}, but results/predictions.csv gives ${holdout.correct}`,
    ])
    const text = await clone.read(file)
    await clone.write(file, edited(text))
    await writeLock(clone.root)
    const forged = await verify()
    await clone.write(file, text)
    await writeLock(clone.root)
    expect(forged.exitCode).toBe(1)
    expect(forged.lines).toEqual([
      `${file}: holdout.correct is ${holdout.correct - 1}, but results/predictions.csv gives ${holdout.correct}`,
      'results/README.md: its table does not match results/metrics',
    ])
  })

  it('reports only the failed gate where the gate alone is stale, since DVC records no stage that failed', async () => {
    const [params, lock] = [await clone.read('params.yaml'), await clone.read('dvc.lock')]
    const before = await clone.git('rev-parse', 'HEAD')
    const strict = params.replace('minTestImages: 9', 'minTestImages: 99')
    await clone.write('params.yaml', strict.replace(/minValidationImages: \d+/, 'minValidationImages: 999'))
    await writeConsistentResults(clone.root)
    await writeLock(clone.root)
    const stages = [...parseLock(lock).keys()].filter((name) => name !== 'gate')
    const neverRan = keepStages(await clone.read('dvc.lock'), stages)
    const passedBefore = `${neverRan}${lock.slice(lock.search(/^ {2}gate:/m))}`
    for (const noted of [neverRan, passedBefore]) {
      await clone.write('dvc.lock', noted)
      const { exitCode, lines, stderr } = await verify()
      expect([exitCode, lines]).toEqual([
        1,
        [
          expect.stringMatching(/^gate: Expected at least 999 validation images \(gate\.minValidationImages\)[^(]*$/),
          expect.stringMatching(/^gate: Expected at least 99 test images \(gate\.minTestImages\), received 30\.[^(]*$/),
        ],
      ])
      expect(stderr).not.toContain('npm run repro')
      expect(JSON.parse((await verify('--json')).lines.join('\n'))).toMatchObject({ verdict: 'gate failed' })
    }
    await commit(clone)
    const { exitCode, output } = await clone.run('review', '--base', '')
    expect([exitCode, output]).toEqual([1, expect.stringContaining('\nExpected at least 99 test images')])
    expect(output).not.toContain('dvc.lock')
    const above = await verifyWith('src/gate/verdict.ts', (text) => `${text}// changed\n`)
    expect(above.lines.map((line) => line.slice(0, 40))).toEqual([
      'report: src/gate changed',
      'gate: src/gate changed, results/gate.jso',
      'gate: Expected at least 999 validation i',
      'gate: Expected at least 99 test images (',
    ])
    await clone.git('checkout', '--quiet', before, '--', '.')
    await writeLock(clone.root)
  })

  it('names stages of dvc.lock that are gone, and folders with an added file', async () => {
    // It ran on other data than the present stages, which does not make those stale.
    const entry = `\
  train@old:
    cmd: node train.ts
    deps:
    - path: artifacts/augment/train.csv
      hash: md5
      md5: '${'0'.repeat(32)}'
      size: 1
`
    const gone = await verifyWith('dvc.lock', (text) => text + entry)
    expect([gone.exitCode, gone.lines]).toEqual([
      1,
      ['train@old: in dvc.lock, but no longer in dvc.yaml; run `npm run repro`'],
    ])
    await clone.write('src/gate/added.ts', '')
    const added = await verify()
    await clone.remove('src/gate/added.ts')
    expect(added.lines).toEqual(['report: src/gate changed', 'gate: src/gate changed'])
  })

  it('exits with 2 when a file is in conflict, missing or malformed', async () => {
    const conflict = await verifyWith('dvc.lock', (text) => `<<<<<<< HEAD\n${text}`)
    expect([conflict.exitCode, conflict.stderr]).toEqual([
      2,
      expect.stringContaining('without conflicts, received <<<<<<< in line 1'),
    ])
    const garbled = await verifyWith('params.yaml', () => 'a: [', '--json')
    expect([garbled.exitCode, JSON.parse(garbled.lines.join('\n')).verdict]).toEqual([2, 'broken'])
    for (const file of ['results/gate.json', 'results/metrics']) {
      await clone.git('rm', '-r', '--quiet', '--cached', file)
      await clone.remove(file)
      const missing = await verify()
      await clone.git('checkout', '--quiet', 'HEAD', '--', file)
      expect([missing.exitCode, missing.lines, missing.stderr]).toEqual([
        2,
        [''],
        `verify: BrokenError: Expected ${file}, received nothing. Run \`npm run repro\`, or restore what is missing from git.`,
      ])
    }
    const unknown = await verifyWith('params.yaml', (text) => text.replace('seed: 1', 'seeed: 1'))
    expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining('seed')])
  })
})

describe('verificationOf', () => {
  const fresh = { stages: [], leftovers: [], staleConfigurations: [], isDataStale: false, unknown: [] }

  it('is stale where the gate alone is, unless it failed', () => {
    const changes = [{ of: 'parameter', name: 'gate', state: 'modified' }] as const
    const stale = { ...fresh, stages: [{ name: 'gate', group: 'gate', configuration: undefined, changes }] }
    const verdictOf = (passed: boolean) => verificationOf(stale, NO_FAULTS, { passed, message: '' }).verdict
    expect([verdictOf(true), verdictOf(false)]).toEqual(['stale', 'gate failed'])
  })

  it('is stale for a sentence or a count alone that contradicts', () => {
    const verdictOf = (numbers: string[], texts: string[]) =>
      verificationOf(fresh, { numbers, texts }, { passed: true, message: '' }).verdict
    expect(verdictOf([], [])).toBe('passed')
    expect(verdictOf(['a count'], [])).toBe('stale')
    expect(verdictOf([], ['a sentence'])).toBe('stale')
  })
})
