import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  readNewestCheckpoint,
  writeBestCheckpoint,
  writeCheckpoint,
} from '../../src/train/checkpoint.ts'

const CHECKPOINT: Checkpoint<unknown> = {
  key: 'abc',
  state: { epoch: 3, best: Number.NEGATIVE_INFINITY, loss: Number.NaN, rate: 0.1 + 0.2 },
  arrays: new Map([
    ['now:kernel', Float32Array.of(1.5, -2.25, 3e-38)],
    ['now:bias', new Float32Array(0)],
    ['best:kernel', Float32Array.of(Number.NaN, 4)],
  ]),
}
const ORIGIN = { key: 'abc', name: 'a.checkpoint' }

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-checkpoint-'))
})

afterEach(() => rm(folder, { recursive: true }))

describe('decodeCheckpoint', () => {
  it('gives back what encodeCheckpoint took, bit for bit', () => {
    expect(decodeCheckpoint(encodeCheckpoint(CHECKPOINT), ORIGIN)).toEqual(CHECKPOINT)
  })

  it.each([0, 30, 100, -40, -1])('notices a changed byte at %i', (place) => {
    const bytes = encodeCheckpoint(CHECKPOINT)
    const at = place < 0 ? bytes.length + place : place
    bytes[at] = (bytes[at] ?? 0) ^ 1
    expect(() => decodeCheckpoint(bytes, ORIGIN)).toThrow('received a damaged or foreign file')
  })

  it.each([0, 10, 200])('notices that only %i bytes are there', (length) => {
    expect(() => decodeCheckpoint(encodeCheckpoint(CHECKPOINT).subarray(0, length), ORIGIN)).toThrow(
      'damaged or foreign',
    )
  })

  it("refuses another run's", () => {
    expect(() => decodeCheckpoint(encodeCheckpoint(CHECKPOINT), { ...ORIGIN, key: 'xyz' })).toThrow('one of another')
  })
})

describe('readNewestCheckpoint', () => {
  const warnings: string[] = []
  const newest = () => readNewestCheckpoint(folder, 'abc', (message) => warnings.push(message))
  const writeSteps = async (...steps: number[]) => {
    for (const step of steps) await writeCheckpoint(folder, { ...CHECKPOINT, state: { step } }, { epoch: 1, step })
  }

  beforeEach(() => warnings.splice(0))

  it('finds nothing where nothing is', async () => {
    await rm(folder, { recursive: true })
    expect(await newest()).toBeUndefined()
    await writeSteps(1) // and makes the folder again
  })

  it('takes the newest, and only two stay beside the best', async () => {
    await writeBestCheckpoint(folder, CHECKPOINT)
    await writeSteps(9, 10, 11, 100)
    expect((await newest())?.state).toEqual({ step: 100 })
    expect((await readdir(folder)).sort()).toEqual([
      'best.checkpoint',
      'epoch-00001-step-00000011.checkpoint',
      'epoch-00001-step-00000100.checkpoint',
    ])
  })

  it('says a word about a damaged one and takes the one before', async () => {
    await writeSteps(1, 2)
    const path = join(folder, 'epoch-00001-step-00000002.checkpoint')
    await writeFile(path, (await readFile(path)).subarray(0, -5))
    expect((await newest())?.state).toEqual({ step: 1 })
    expect(warnings).toEqual([expect.stringContaining('Expected a whole checkpoint in')])
  })
})
