import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { runStage, startStage, writeEvaluation, writeParams } from './evaluated.ts'

const REGRESSION = { alpha: 0.05, minImages: 50 }
const GATE = { validation: 0.75, test: 1, minValidationImages: 4, minTestImages: 2, regression: REGRESSION }

const folder = temporaryFolder({ per: 'file' })
beforeAll(async () => {
  await writeParams(folder.path, JSON.stringify(GATE))
  await writeEvaluation(folder.path, 'original-zero', {
    validation: { cat: 'cd', dog: 'd', horse: 'h' },
    test: { cat: 'c', dog: 'd', horse: 'h' },
  })
  await writeEvaluation(folder.path, 'mobilenet025-zero', {
    validation: { cat: 'dd', dog: 'd', horse: 'h' },
    test: { cat: 'c', dog: 'c', horse: 'h' },
  })
  await runStage(folder.path, 'report')
})

describe('gate', () => {
  it('says what was reached when it is passed', async () => {
    const { exitCode, stdout } = await runStage(folder.path, 'gate')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(
      /^gate: passed: original-zero, validation 75\.0 % \(3\/4\), test 100\.0 % \(3\/3\) \(\d+\.\d s\)$/,
    )
  })

  it('ends with 1 and one line that names the threshold, the shortfall and the images', async () => {
    await writeParams(folder.path, JSON.stringify({ ...GATE, validation: 0.9 }))
    const { exitCode, stdout, stderr } = await startStage(folder.path, 'gate')
    expect(exitCode).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toBe(
      'gate: GateError: Expected original-zero to reach 90.0 % on the validation images (gate.validation), received 75.0 % (3/4), 15.0 points or 1 image short. Wrong: train/cat/validation-1.png taken for dog. Check their labels, then fix the data or the configurations in params.yaml.',
    )
  })

  it('reports a miss in an experiment of DVC, and marks it so that plain `dvc repro` judges again', async () => {
    const before = await readFile(join(folder.path, 'results/gate.json'), 'utf8')
    expect(JSON.parse(before)).toEqual({ passed: true, chosen: 'original-zero' })
    vi.stubEnv('DVC_EXP_BASELINE_REV', 'abc')
    const { exitCode, stdout } = await runStage(folder.path, 'gate')
    vi.unstubAllEnvs()
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^gate: missed, which does not end an experiment: Expected original-zero to reach 90\.0 %/)
    const marked = JSON.parse(await readFile(join(folder.path, 'results/gate.json'), 'utf8'))
    expect(marked).toEqual({ passed: false, chosen: 'original-zero', experiment: true })
  })

  it('ends with 1 when a score is null or too few images were tested', async () => {
    await writeParams(folder.path, JSON.stringify({ ...GATE, minTestImages: 4 }))
    expect(await runStage(folder.path, 'gate')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('at least 4 test images (gate.minTestImages), received 3.'),
    })
    await writeParams(folder.path, JSON.stringify(GATE))
    const path = join(folder.path, 'results/metrics/original-zero.json')
    const metrics = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ...metrics, test: { ...metrics.test, accuracy: null } }))
    expect(await runStage(folder.path, 'gate')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(
        'Expected numbers for original-zero on the test images, received none for accuracy.',
      ),
    })
  })

  it('ends with 1 when a configuration has no metrics', async () => {
    await rm(join(folder.path, 'results/metrics/mobilenet025-zero.json'))
    expect(await runStage(folder.path, 'gate')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('DataError: Expected metrics at results/metrics/mobilenet025-zero.json'),
    })
  })
})
