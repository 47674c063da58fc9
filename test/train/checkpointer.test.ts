import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Checkpointer, createCheckpointer, requestFinishIn } from '../../src/train/checkpointer.ts'
import { startPhase } from '../../src/train/fit.ts'
import { InterruptedError } from '../../src/train/interruption.ts'
import { smallJob, smallNetwork } from '../support/small-network.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { trainParams } from '../support/train-params.ts'

const temporary = temporaryFolder()
let folder: string
let signal: NodeJS.Signals | undefined
let nowMs: number
let warnings: string[]
let checkpointer: Checkpointer

const start = startPhase(smallJob(smallNetwork(), trainParams()))
const snapshot = (stepsDone: number) => () => ({ ...start, state: { ...start.state, stepsDone } })
const restored = async () => (await checkpointer.restore())?.state.stepsDone
const checkpoints = async () => (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.checkpoint'))

beforeEach(() => {
  folder = join(temporary.path, 'run')
  signal = undefined
  nowMs = 0
  warnings = []
  checkpointer = createCheckpointer({
    folder,
    key: 'key',
    params: { everyEpochs: 2, everyMinutes: 5 },
    interruption: { requested: () => signal },
    clock: () => nowMs,
    warn: (message) => warnings.push(message),
  })
})

describe('createCheckpointer', () => {
  it('saves every `everyMinutes`', async () => {
    nowMs = 5 * 60_000 - 1
    await checkpointer.afterStep({ epoch: 1, step: 1 }, snapshot(1))
    expect(await checkpoints()).toEqual([])
    nowMs++
    await checkpointer.afterStep({ epoch: 1, step: 2 }, snapshot(2))
    await checkpointer.afterStep({ epoch: 1, step: 3 }, snapshot(3))
    expect(await restored()).toBe(2)
  })

  it('leaves a checkpoint of the same training on another kind of processor alone, and says so', async () => {
    const training = 'net-0123456789abcdef'
    const open = (numerics: string) =>
      createCheckpointer({
        folder: join(temporary.path, `${training}-${numerics}`),
        key: numerics,
        params: { everyEpochs: 1, everyMinutes: 5 },
        interruption: { requested: () => undefined },
        clock: () => 0,
        warn: (message) => warnings.push(message),
      })
    await open('aaaaaaaa').afterEpoch({ epoch: 1, step: 7 }, snapshot(7), false)
    expect(await open('bbbbbbbb').restore()).toBeUndefined()
    const file = join(temporary.path, `${training}-aaaaaaaa/epoch-00001-step-00000007.checkpoint`)
    expect(warnings).toEqual([
      `found ${file}, of this training with another kind of processor or GPU, another version of TensorFlow or another number of threads. It is left alone, since results would differ in their last bits, and the training starts over.`,
    ])
    expect((await open('aaaaaaaa').restore())?.state.stepsDone).toBe(7)
    expect(warnings).toHaveLength(1)
  })

  it('saves every `everyEpochs`, and the best one in a file of its own', async () => {
    await checkpointer.afterEpoch({ epoch: 1, step: 10 }, snapshot(10), true)
    expect(await checkpoints()).toEqual(['best.checkpoint'])
    await checkpointer.afterEpoch({ epoch: 2, step: 20 }, snapshot(20), false)
    await checkpointer.afterEpoch({ epoch: 3, step: 30 }, snapshot(30), false)
    expect(await restored()).toBe(20)
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('saves and stops on %s, with the exit code %i', async (name, exitCode) => {
    signal = name
    const failure = await checkpointer.afterStep({ epoch: 1, step: 4 }, snapshot(4)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(InterruptedError)
    expect(failure).toMatchObject({
      exitCode,
      message: `${name} in epoch 1, after step 4. Run the same command again to continue from there.`,
    })
    expect(await restored()).toBe(4)
  })

  it('gives whether the end was asked for', async () => {
    await checkpointer.restore()
    expect(await checkpointer.afterStep({ epoch: 1, step: 1 }, snapshot(1))).toBe(false)
    expect(await requestFinishIn(folder)).toBe(true)
    expect(await checkpointer.afterStep({ epoch: 1, step: 2 }, snapshot(2))).toBe(true)
  })

  it('ignores a request from before it began', async () => {
    expect(await requestFinishIn(folder)).toBe(false)
    await checkpointer.restore()
    expect(await checkpointer.afterStep({ epoch: 1, step: 1 }, snapshot(1))).toBe(false)
  })

  it('leaves the final snapshot alone at the end, and nothing once it is cleared', async () => {
    await checkpointer.afterEpoch({ epoch: 2, step: 20 }, snapshot(20), true)
    await requestFinishIn(folder)
    await checkpointer.end({ epoch: 3, step: 30 }, snapshot(30)())
    expect(await readdir(folder)).toEqual(['epoch-00003-step-00000030.checkpoint'])
    await checkpointer.clear()
    expect(await checkpoints()).toEqual([])
  })

  it('removes the partial checkpoint of a killed process', async () => {
    await checkpointer.afterEpoch({ epoch: 2, step: 20 }, snapshot(20), false)
    const [whole = ''] = await checkpoints()
    await writeFile(join(folder, `${whole}.123.abcdef01.tmp`), 'half of it')
    expect(await restored()).toBe(20)
    expect(await readdir(folder)).toEqual([whole])
  })

  it('warns about a checkpoint that cannot be written, and keeps the previous one', async () => {
    await checkpointer.afterEpoch({ epoch: 2, step: 20 }, snapshot(20), false)
    await mkdir(join(folder, 'epoch-00004-step-00000040.checkpoint')) // a folder by that name cannot be replaced by a file
    await checkpointer.afterEpoch({ epoch: 4, step: 40 }, snapshot(40), false)
    expect(warnings[0]).toMatch(/^the checkpoint of step 40 could not be written: .*The previous one is kept\.$/)
    await rm(join(folder, 'epoch-00004-step-00000040.checkpoint'), { recursive: true })
    expect(await restored()).toBe(20)
  })
})
