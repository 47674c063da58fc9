import { describe, expect, it } from 'vitest'
import { imagesNeeded, judge, rankConfigurations } from '../../src/gate/gate.ts'
import { metricsOf } from '../evaluate/scored.ts'

const gate = { validation: 0.75, test: 1, minValidationImages: 4, minTestImages: 2 }
const test = { cat: 'c', dog: 'd', horse: 'h' }
const good = metricsOf({ validation: { cat: 'cd', dog: 'd', horse: 'h' }, test })
const better = metricsOf({
  validation: { cat: 'cc', dog: 'd', horse: 'h' },
  test: { cat: 'd', dog: 'd', horse: 'h' },
})

describe('judge', () => {
  it('passes at the thresholds', () => {
    expect(judge({ good }, gate)).toEqual({ chosen: 'good', misses: [] })
  })

  it('chooses by validation, whatever the test set says', () => {
    expect(judge({ good, better }, gate)).toMatchObject({ chosen: 'better', misses: [{ part: 'test', short: 1 }] })
  })

  it('says how many images are missing to the threshold', () => {
    // 0.95 of 4 images are 3.8, so 4; 3 are right.
    expect(judge({ good }, { ...gate, validation: 0.95 }).misses).toMatchObject([
      { kind: 'accuracy', part: 'validation', expected: 0.95, short: 1 },
    ])
  })

  it('counts no image too many when a product is rounded up', () => {
    // 0.55 * 100 is 55.00000000000001 in binary; 54 are right, so 1 is missing.
    const cat = 'c'.repeat(52) + 'd'.repeat(46)
    const metrics = metricsOf({ validation: { cat, dog: 'd', horse: 'h' }, test })
    expect(judge({ metrics }, { ...gate, validation: 0.55 }).misses).toMatchObject([{ short: 1 }])
  })

  it('fails with too few images, even when all are right', () => {
    expect(judge({ good }, { ...gate, minTestImages: 4 }).misses).toEqual([
      { kind: 'too few images', part: 'test', images: 3, expected: 4 },
    ])
  })

  it('fails without test images', () => {
    const untested = metricsOf({ validation: { cat: 'cc', dog: 'd', horse: 'h' } })
    expect(judge({ untested }, gate).misses).toEqual([{ kind: 'too few images', part: 'test', images: 0, expected: 2 }])
  })

  it('fails when the accuracy on the test images is NaN', () => {
    const broken = { ...good, test: { ...good.test, accuracy: Number.NaN } }
    const miss = { kind: 'not a number', configuration: 'broken', part: 'test', metrics: ['accuracy'] }
    expect(judge({ broken }, gate).misses).toEqual([miss])
    expect(judge({ broken }, { ...gate, test: 0 }).misses).toEqual([miss])
  })

  it('fails when a metric of any configuration is not finite, and names it', () => {
    const holdout = { ...better.validation, loss: Number.POSITIVE_INFINITY, macro_f1: Number.NaN }
    expect(judge({ better: { ...better, test: good.test }, broken: { ...good, holdout } }, gate)).toEqual({
      chosen: 'better',
      misses: [{ kind: 'not a number', configuration: 'broken', part: 'holdout', metrics: ['macro_f1', 'loss'] }],
    })
    const lost = { ...better, validation: { ...better.validation, accuracy: Number.NaN } }
    expect(judge({ lost, good }, gate)).toMatchObject({ chosen: 'good', misses: [{ configuration: 'lost' }] })
  })

  it('fails when training, validation or the test set has no image of a class', () => {
    const metrics = metricsOf({ validation: { cat: 'cccc' }, test: { cat: 'c', horse: 'h' } })
    expect(judge({ metrics }, gate).misses).toEqual([
      { kind: 'empty class', part: 'train', classes: ['dog', 'horse'] },
      { kind: 'empty class', part: 'validation', classes: ['dog', 'horse'] },
      { kind: 'empty class', part: 'test', classes: ['dog'] },
    ])
  })

  it('chooses nothing when no configuration has a validation accuracy', () => {
    const broken = { ...good, validation: { ...good.validation, accuracy: Number.NaN } }
    const untested = metricsOf({})
    expect(judge({ untested, broken }, { ...gate, validation: 0 })).toEqual({
      chosen: undefined,
      misses: [{ kind: 'nothing to choose', configurations: ['broken', 'untested'] }],
    })
    expect(judge({}, gate).misses).toEqual([{ kind: 'nothing to choose', configurations: [] }])
  })

  it('judges by the counts, not by the rounded accuracy', () => {
    const third = metricsOf({ validation: { cat: 'd', dog: 'c', horse: 'h' }, test })
    const rounded = { ...third, validation: { ...third.validation, accuracy: 0.333333 } }
    expect(judge({ rounded }, { ...gate, validation: 1 / 3, minValidationImages: 1 }).misses).toEqual([])
  })
})

describe('rankConfigurations', () => {
  it('puts the best first and breaks ties by parameters, then by name', () => {
    const small = { ...good, parameters: 10 }
    expect(rankConfigurations({ good, zebra: small, better, apple: small })).toEqual([
      ...['better', 'apple', 'zebra', 'good'],
    ])
  })

  it('puts NaN last, wherever it stood', () => {
    const broken = { ...better, validation: { ...better.validation, accuracy: Number.NaN } }
    const wrong = metricsOf({ validation: { cat: 'd', dog: 'h', horse: 'c' } })
    expect(rankConfigurations({ broken, wrong, good })).toEqual(['good', 'wrong', 'broken'])
    expect(rankConfigurations({ good, wrong, broken })).toEqual(['good', 'wrong', 'broken'])
  })
})

describe('imagesNeeded', () => {
  it('is the smallest count with at least that share', () => {
    const shares = [1, 0, 0.95, 1 / 3, 0.29]
    expect(shares.map((share) => imagesNeeded(share, 90))).toEqual([90, 0, 86, 30, 27]) // 85.5 and 26.1 go up
  })
})
