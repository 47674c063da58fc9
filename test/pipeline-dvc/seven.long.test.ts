import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readHistory } from '../../src/scores/history.ts'
import { readPredictions } from '../../src/scores/predictions.ts'
import { answersOf, type Clone, cloneCheckout, commit, type Outcome, startedStages } from '../support/clone.ts'
import { makeSmoke, SMOKE_CONFIGS, SMOKE_SIDE } from '../support/smoke.ts'
import { trainingsIn } from '../support/trainings.ts'

/** The one that is killed, in its second phase. */
const KILLED = 'resnet50-fine-tune'
const FIRST_STEP_OF_SECOND_PHASE = /^epoch-00002-step-00000004\.checkpoint$/
/** Of a processor, so that it does not matter what else the machine does; with two of them it takes less of the clock. */
const LIMIT_SECONDS = 300
const TICKS_PER_SECOND = 100

let clone: Clone
let interrupted: Outcome
let whole: Outcome
let seconds: number

beforeAll(async () => {
  clone = await cloneCheckout()
  await makeSmoke(clone)
  await commit(clone)
  const before = await processorSeconds()
  await clone.set({ 'checkpoint.everyMinutes': 0.001 })
  const running = clone.run('repro', `train@${KILLED}`)
  await killAtCheckpoint(FIRST_STEP_OF_SECOND_PHASE, running)
  interrupted = await running
  await clone.set({ 'checkpoint.everyMinutes': 5 })
  whole = await clone.run('repro')
  seconds = (await processorSeconds()) - before
})
afterAll(() => clone?.remove())

/** Kills the training in the clone as soon as it has written a checkpoint of that name. */
async function killAtCheckpoint(name: RegExp, running: Promise<Outcome>): Promise<void> {
  const over = running.then(() => true)
  while (!(await Promise.race([over, setTimeout(50, false)]))) {
    const files = await readdir(join(clone.root, '.paddock/checkpoints'), { recursive: true }).catch(() => [])
    if (!files.some((file) => name.test(file.slice(file.lastIndexOf('/') + 1)))) continue
    for (const pid of await trainingsIn(clone)) process.kill(pid, 'SIGKILL')
    return
  }
}

/** What the programs that this one has started and seen end took, and those below them; cutime and cstime of proc(5). */
async function processorSeconds(): Promise<number> {
  const stat = await readFile('/proc/self/stat', 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15)
  return (Number(user) + Number(system)) / TICKS_PER_SECOND
}

/** The hash of what a configuration's training gave. */
async function hashOf(config: string): Promise<string | undefined> {
  const { stages } = parse(await clone.read('dvc.lock')) as {
    stages: Record<string, { outs: { path: string; md5: string }[] }>
  }
  return stages[`train@${config}`]?.outs.find(({ path }) => path === `artifacts/train/${config}/model`)?.md5
}

describe('the seven configurations of the study, and its own ways to fine-tune', () => {
  it('run through `dvc repro` in five minutes of a processor, one of them killed and started again', async () => {
    expect(interrupted.exitCode).not.toBe(0)
    expect(whole.output).toContain('gate: passed')
    expect(SMOKE_CONFIGS).toHaveLength(9)
    const trained = startedStages(whole).filter((stage) => stage.startsWith('train@'))
    expect(trained.sort()).toEqual(SMOKE_CONFIGS.map((config) => `train@${config}`).sort())
    for (const config of SMOKE_CONFIGS) expect(await clone.read('results/README.md')).toContain(config)
    console.log(`the seven configurations: ${seconds.toFixed(0)} s of a processor`)
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThan(LIMIT_SECONDS)
  })

  it('train in the phases of their mode, for the epochs that they are given', async () => {
    for (const config of SMOKE_CONFIGS) {
      const phases = (await readHistory(join(clone.root, `artifacts/train/${config}/history.csv`))).map(
        ({ phase }) => phase,
      )
      if (config.endsWith('-transfer')) expect(phases).toEqual(['head'])
      else expect(phases).toEqual(config.endsWith('-fine-tune') ? ['head', 'network'] : ['network'])
    }
  })

  it('give the same bytes after a kill in the second phase as without one', async () => {
    expect(interrupted.output).toContain(`train@${KILLED}: head, epoch 1/1`)
    expect(whole.output).not.toContain(`train@${KILLED}: head, epoch 1/1`)
    expect(whole.output).toContain(`train@${KILLED}: network, epoch 1/1`)
    const hash = await hashOf(KILLED)
    expect(hash).toMatch(/^[0-9a-f]{32}\.dir$/)
    const again = await clone.run('repro', '--force', '--single-item', `train@${KILLED}`)
    expect(again.output).toContain(`train@${KILLED}: head, epoch 1/1`)
    expect(await hashOf(KILLED)).toBe(hash)
  })

  it('predict the same as evaluate', async () => {
    expect.assertions(SMOKE_CONFIGS.length * 9) // the exit code, and of two images the label and three probabilities
    const ids = ['test/cat/0001.png', 'test/horse/0002.png']
    const files = ids.map((id) => `data/${id}`)
    for (const config of SMOKE_CONFIGS) {
      const { exitCode, output } = await clone.runHere('predict', '--config', config, '--json', ...files)
      expect(exitCode, output).toBe(0)
      const predictions = await readPredictions(join(clone.root, `artifacts/evaluate/${config}/predictions.csv`))
      const evaluated = ids.map((id) => predictions.find((each) => each.id === id))
      for (const [i, { label, probabilities }] of answersOf(output).entries()) {
        expect(label).toBe(evaluated[i]?.prediction)
        probabilities.forEach((value, place) => {
          expect(value).toBeCloseTo(evaluated[i]?.calibrated[place] ?? Number.NaN, 3)
        })
      }
    }
  })

  it('are summarised, with what their mode trains', async () => {
    // heads of 2048 and 1792 features and 3 classes; 96 batch norms of B4 have 62,604 means and variances each
    const trainable: Readonly<Record<string, string>> = {
      'resnet50-transfer': '6147',
      'efficientnetb4-transfer': '5379',
      'efficientnetb4-fine-tune': '17553995', // 17,548,616 of the backbone
    }
    for (const config of SMOKE_CONFIGS) {
      const { exitCode, output } = await clone.runHere('summary', '--config', config)
      expect(exitCode, output).toBe(0)
      expect(output).toContain(`"${config}, ${SMOKE_SIDE} px, 3 classes"`)
      expect(output).toMatch(new RegExp(`^Trainable params: ${trainable[config] ?? '\\d+'}$`, 'm'))
    }
  })
})
