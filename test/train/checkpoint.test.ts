import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  BEST_FILE,
  decodeCheckpoint,
  encodeCheckpoint,
  isFinished,
  isOver,
  readNewestCheckpoint,
  type Snapshot,
  type TrainingState,
  weightsNow,
  writeBestCheckpoint,
  writeCheckpoint,
} from '../../src/train/checkpoint.ts'
import { historyRow } from '../support/history-row.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const STATE: TrainingState = {
  phase: 'network',
  history: [historyRow(1, { loss: Number.NaN, learning_rate: 0.1 + 0.2 })],
  stepsDone: 3,
  totals: { images: 24, loss: Number.NEGATIVE_INFINITY, correct: 7 },
  schedule: { best: null, waited: 0, scale: 1 },
}
const SNAPSHOT: Snapshot = {
  state: STATE,
  now: new Map([
    ['kernel', Float32Array.of(1.5, -2.25, 3e-38)],
    ['bias', new Float32Array(0)],
  ]),
  best: new Map([['kernel', Float32Array.of(Number.NaN, 4)]]),
}
const ORIGIN = { key: 'abc', name: 'a.checkpoint' }

/** The bytes of a checkpoint of the training abc. */
const bytesOf = (snapshot: Snapshot) => Buffer.concat(encodeCheckpoint('abc', snapshot))

const temporary = temporaryFolder()

describe('decodeCheckpoint', () => {
  it('reverses encodeCheckpoint bit for bit', () => {
    expect(decodeCheckpoint(bytesOf(SNAPSHOT), ORIGIN)).toEqual(SNAPSHOT)
  })

  it('reads what was written to a file', async () => {
    await writeBestCheckpoint(temporary.path, 'abc', SNAPSHOT)
    expect(decodeCheckpoint(await readFile(join(temporary.path, BEST_FILE)), ORIGIN)).toEqual(SNAPSHOT)
  })

  it.each([0, 30, 100, -40, -1])('notices a changed byte at %i', (place) => {
    const bytes = bytesOf(SNAPSHOT)
    const at = place < 0 ? bytes.length + place : place
    bytes[at] = (bytes[at] ?? 0) ^ 1
    expect(() => decodeCheckpoint(bytes, ORIGIN)).toThrow('received a damaged or foreign file')
  })

  it.each([0, 10, 200])('notices a file of %i bytes', (length) => {
    expect(() => decodeCheckpoint(bytesOf(SNAPSHOT).subarray(0, length), ORIGIN)).toThrow('damaged or foreign')
  })

  it("refuses another training's", () => {
    expect(() => decodeCheckpoint(bytesOf(SNAPSHOT), { ...ORIGIN, key: 'xyz' })).toThrow('one of another')
  })
})

describe('readNewestCheckpoint', () => {
  const warnings: string[] = []
  let folder = ''
  const newest = () => readNewestCheckpoint(folder, 'abc', (message) => warnings.push(message))
  const writeSteps = async (...steps: number[]) => {
    for (const step of steps) {
      await writeCheckpoint(folder, { epoch: 1, step }, 'abc', { ...SNAPSHOT, state: { ...STATE, stepsDone: step } })
    }
  }

  beforeEach(() => {
    warnings.length = 0
    folder = join(temporary.path, 'run')
  })

  it('finds nothing without a folder', async () => {
    expect(await newest()).toBeUndefined()
  })

  it('takes the newest; two are kept beside the best', async () => {
    await writeBestCheckpoint(folder, 'abc', SNAPSHOT)
    await writeSteps(9, 10, 11, 100)
    expect((await newest())?.state.stepsDone).toBe(100)
    expect((await readdir(folder)).sort()).toEqual([
      'best.checkpoint',
      'epoch-00001-step-00000011.checkpoint',
      'epoch-00001-step-00000100.checkpoint',
    ])
  })

  it('warns about a damaged one and takes the one before', async () => {
    await writeSteps(1, 2)
    const path = join(folder, 'epoch-00001-step-00000002.checkpoint')
    await writeFile(path, (await readFile(path)).subarray(0, -5))
    expect((await newest())?.state.stepsDone).toBe(1)
    expect(warnings).toEqual([expect.stringContaining('Expected a whole checkpoint in')])
  })
})

describe('isOver', () => {
  it.each([
    ['no epoch yet', [], false, false],
    ['an epoch of the phase before', [historyRow(1, { phase: 'head', stopped_by: 'epochs' })], false, false],
    ['an epoch that nothing stopped', [historyRow(1)], false, false],
    ['an epoch that a rule stopped', [historyRow(1, { stopped_by: 'early' })], true, false],
    ['an end asked for in the phase', [historyRow(1, { stopped_by: 'finish' })], true, true],
    ['an end asked for before its first epoch', [historyRow(1, { phase: 'head', stopped_by: 'finish' })], true, true],
  ])('tells, with isFinished, after %s', (_, history, over, finished) => {
    expect([isOver({ ...STATE, history }), isFinished({ history })]).toEqual([over, finished])
  })
})

describe('weightsNow', () => {
  it('takes averages where there are some', () => {
    const now = new Map([
      ['kernel', Float32Array.of(1)],
      ['kernel/average', Float32Array.of(2)],
      ['mean', Float32Array.of(3)],
    ])
    const weights = weightsNow({ ...SNAPSHOT, now })
    expect([weights.get('kernel'), weights.get('mean')]).toEqual([Float32Array.of(2), Float32Array.of(3)])
  })
})
