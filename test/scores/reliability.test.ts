import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  readCalibration,
  readCalibrationIfThere,
  readReliability,
  writeCalibration,
  writeReliability,
} from '../../src/scores/calibration.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-reliability-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('writeReliability', () => {
  it('writes a line a bin, and reads the same again', async () => {
    const path = join(folder, 'reliability.csv')
    const bin = { low: 0.8, high: 0.866667, images: 12, correct: 10, confidence: 0.84 }
    const reliability = { validation: [bin], holdout: [], test: [{ ...bin, images: 1, correct: 1 }] }
    await writeReliability(path, reliability)
    expect(await readFile(path, 'utf8')).toBe(
      [
        'part,low,high,images,correct,confidence',
        'validation,0.800000,0.866667,12,10,0.840000',
        'test,0.800000,0.866667,1,1,0.840000',
        '',
      ].join('\n'),
    )
    expect(await readReliability(path)).toEqual(reliability)
  })
})

describe('readCalibration', () => {
  it('reads what was written, digit for digit', async () => {
    const path = join(folder, 'calibration.json')
    await writeCalibration(path, { temperature: 1.23457, outcome: 'fitted' })
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      method: 'temperature',
      temperature: 1.23457,
      outcome: 'fitted',
    })
    expect(await readCalibration(path)).toEqual({ method: 'temperature', temperature: 1.23457, outcome: 'fitted' })
  })

  it('says that there is none, or is undefined where there need not be one', async () => {
    const path = join(folder, 'missing.json')
    await expect(readCalibration(path)).rejects.toThrow(/Expected a calibration in .*missing\.json, received: ENOENT/)
    expect(await readCalibrationIfThere(path)).toBeUndefined()
  })

  it('refuses what is no calibration', async () => {
    const path = join(folder, 'broken.json')
    await writeFile(path, '{"method": "temperature", "temperature": 0, "outcome": "fitted"}')
    await expect(readCalibration(path)).rejects.toThrow(/Expected a calibration in .*broken\.json, received: /)
  })
})
