import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InterruptedError } from '../../src/train/interruption.ts'
import { type Keeper, openKeeper, requestFinish } from '../../src/train/keeper.ts'

let folder: string
let signal: NodeJS.Signals | undefined
let nowMs: number
let warnings: string[]
let keeper: Keeper<{ step: number }>

const snapshot = (step: number) => () => ({ state: { step }, arrays: new Map([['now:w', Float32Array.of(step)]]) })
const checkpoints = async () => (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.checkpoint'))

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'paddock-keeper-')), 'run')
  signal = undefined
  nowMs = 0
  warnings = []
  keeper = openKeeper({
    folder,
    key: 'key',
    params: { everyEpochs: 2, everyMinutes: 5 },
    interruption: { requested: () => signal },
    clock: () => nowMs,
    warn: (message) => warnings.push(message),
  })
})

afterEach(() => rm(join(folder, '..'), { recursive: true }))

describe('openKeeper', () => {
  it('saves after so many minutes', async () => {
    nowMs = 5 * 60_000 - 1
    await keeper.afterStep({ epoch: 1, step: 1 }, snapshot(1))
    expect(await checkpoints()).toEqual([])
    nowMs++
    await keeper.afterStep({ epoch: 1, step: 2 }, snapshot(2))
    await keeper.afterStep({ epoch: 1, step: 3 }, snapshot(3))
    expect((await keeper.restore())?.state).toEqual({ step: 2 })
  })

  it('saves after so many epochs, and the best one apart', async () => {
    await keeper.afterEpoch({ epoch: 1, step: 10 }, snapshot(10), true)
    expect(await checkpoints()).toEqual(['best.checkpoint'])
    await keeper.afterEpoch({ epoch: 2, step: 20 }, snapshot(20), false)
    await keeper.afterEpoch({ epoch: 3, step: 30 }, snapshot(30), false)
    expect((await keeper.restore())?.state).toEqual({ step: 20 })
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('saves and stops on %s, with the exit code %i', async (name, exitCode) => {
    signal = name
    const failure = await keeper.afterStep({ epoch: 1, step: 4 }, snapshot(4)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(InterruptedError)
    expect(failure).toMatchObject({
      exitCode,
      message: `${name} in epoch 1, after step 4. Run the same command again and it goes on from there.`,
    })
    expect((await keeper.restore())?.state).toEqual({ step: 4 })
  })

  it('tells of a request to finish', async () => {
    await keeper.restore()
    expect(await keeper.afterStep({ epoch: 1, step: 1 }, snapshot(1))).toBe(false)
    expect(await requestFinish(folder)).toBe(true)
    expect(await keeper.afterStep({ epoch: 1, step: 2 }, snapshot(2))).toBe(true)
  })

  it('hears of no request from before it began', async () => {
    expect(await requestFinish(folder)).toBe(false)
    await keeper.restore()
    expect(await keeper.afterStep({ epoch: 1, step: 1 }, snapshot(1))).toBe(false)
  })

  it('leaves the final state alone at the end, and nothing after that', async () => {
    await keeper.afterEpoch({ epoch: 2, step: 20 }, snapshot(20), true)
    await requestFinish(folder)
    await keeper.end({ epoch: 3, step: 30 }, snapshot(30)())
    expect(await readdir(folder)).toEqual(['epoch-00003-step-00000030.checkpoint'])
    await keeper.clear()
    expect(await checkpoints()).toEqual([])
  })

  it('removes what was being written when a process was killed', async () => {
    await keeper.afterEpoch({ epoch: 2, step: 20 }, snapshot(20), false)
    const [whole = ''] = await checkpoints()
    await writeFile(join(folder, `${whole}.123.abcdef01.tmp`), 'half of it')
    expect((await keeper.restore())?.state).toEqual({ step: 20 })
    expect(await readdir(folder)).toEqual([whole])
  })

  it('goes on without a checkpoint that cannot be written, and says so', async () => {
    await keeper.afterEpoch({ epoch: 2, step: 20 }, snapshot(20), false)
    await mkdir(join(folder, 'epoch-00004-step-00000040.checkpoint')) // a folder by that name cannot be replaced by a file
    await keeper.afterEpoch({ epoch: 4, step: 40 }, snapshot(40), false)
    expect(warnings[0]).toMatch(/^the checkpoint of step 40 could not be written: .*The one before it stays\.$/)
    await rm(join(folder, 'epoch-00004-step-00000040.checkpoint'), { recursive: true })
    expect((await keeper.restore())?.state).toEqual({ step: 20 })
  })
})
