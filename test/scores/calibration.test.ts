import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  calibrationError,
  certaintiesOf,
  equalMassBins,
  equalWidthBins,
  readCalibration,
  readCalibrationIfThere,
  readReliability,
  writeCalibration,
  writeReliability,
} from '../../src/scores/calibration.ts'
import { classify } from '../../src/scores/predictions.ts'
import { brierScore } from '../../src/scores/scores.ts'
import { golden, goldenPredictions } from '../evaluate/golden.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const { classes } = golden
const folder = temporaryFolder({ per: 'file' })

describe.each(golden.scores)('calibration, of $name', (expected) => {
  const predictions = goldenPredictions(expected)
  const certainties = certaintiesOf(classify(predictions, classes), classes)

  it('has the reliability table of scikit-learn', () => {
    const bins = equalWidthBins(certainties)
    expect(bins.map(({ images }) => images)).toEqual(expected.reliability.map(({ images }) => images))
    for (const [place, { share, confidence }] of expected.reliability.entries()) {
      const bin = bins[place]
      expect((bin?.correct ?? 0) / (bin?.images ?? 0)).toBeCloseTo(share, 12)
      expect(bin?.confidence).toBeCloseTo(confidence, 12)
    }
  })

  it('has the errors that follow from its bins, and from those of equal mass', () => {
    expect(calibrationError(equalWidthBins(certainties))).toBeCloseTo(expected.calibration_error, 12)
    expect(calibrationError(equalMassBins(certainties))).toBeCloseTo(expected.calibration_error_equal_mass, 12)
  })

  it('has the Brier score of scikit-learn', () => {
    expect(brierScore(predictions, classes)).toBeCloseTo(expected.brier, 12)
  })
})

describe('equalWidthBins', () => {
  it('puts a probability on an edge into the bin below', () => {
    const certainties = [0.2, 0.2000001, 1, 0].map((probability) => ({ probability, right: true }))
    // edges at multiples of 1/15: 3/15 = 0.2
    expect(equalWidthBins(certainties).map(({ low, high, images }) => [low * 15, high * 15, images])).toEqual([
      [0, 1, 1],
      [expect.closeTo(2), expect.closeTo(3), 1],
      [expect.closeTo(3), expect.closeTo(4), 1],
      [14, 15, 1],
    ])
  })

  it('is empty without images, and the error is NaN', () => {
    expect(equalWidthBins([])).toEqual([])
    expect(equalMassBins([])).toEqual([])
    expect(calibrationError([])).toBeNaN()
  })
})

describe('equalMassBins', () => {
  it('takes a bin of 200,000 images', () => {
    const certainties = Array.from({ length: 200_000 }, () => ({ probability: 0.75, right: true }))
    expect(equalMassBins(certainties)).toMatchObject([{ low: 0.75, high: 0.75, images: 200_000 }])
  })

  const spread = Array.from({ length: 33 }, (_, place) => ({ probability: place / 33, right: place % 2 === 0 }))

  it('makes bins that differ by one image at most', () => {
    const sizes = equalMassBins(spread).map(({ images }) => images)
    expect(sizes).toHaveLength(15)
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([2, 3])
  })

  it('does not depend on the order of images with equal probabilities', () => {
    const tied = spread.map(({ right }, place) => ({ probability: place < 20 ? 0.9 : 1, right }))
    expect(equalMassBins([...tied].reverse())).toEqual(equalMassBins(tied))
    expect(equalMassBins(tied).map(({ low, high, images }) => [low, high, images])).toEqual([
      [0.9, 0.9, 20],
      [1, 1, 13],
    ])
  })

  it('puts equal probabilities where the first of them stands', () => {
    // Thirty images, two a bin; the second and the third are equal, and the second belongs to the first bin.
    const tied = Array.from({ length: 30 }, (_, place) => ({
      probability: (place === 2 ? 1 : place) / 30,
      right: true,
    }))
    expect(equalMassBins(tied).map(({ images }) => images)).toEqual([3, 1, ...Array(13).fill(2)])
  })
})

describe('writeReliability', () => {
  it('writes a line a bin, and reads the same again', async () => {
    const path = join(folder.path, 'reliability.csv')
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
    const path = join(folder.path, 'calibration.json')
    await writeCalibration(path, { temperature: 1.23457, outcome: 'fitted' })
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      method: 'temperature',
      temperature: 1.23457,
      outcome: 'fitted',
    })
    expect(await readCalibration(path)).toEqual({ method: 'temperature', temperature: 1.23457, outcome: 'fitted' })
  })

  it('says that there is none, or is undefined where there need not be one', async () => {
    const path = join(folder.path, 'missing.json')
    await expect(readCalibration(path)).rejects.toThrow(
      /Expected a calibration in .*missing\.json, received: nothing at /,
    )
    expect(await readCalibrationIfThere(path)).toBeUndefined()
  })

  it('refuses what is no calibration', async () => {
    const path = join(folder.path, 'broken.json')
    await writeFile(path, '{"method": "temperature", "temperature": 0, "outcome": "fitted"}')
    await expect(readCalibration(path)).rejects.toThrow(/Expected a calibration in .*broken\.json, received: /)
  })
})
