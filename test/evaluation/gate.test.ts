import { describe, expect, it } from 'vitest'
import { judge, rankConfigurations } from '../../src/evaluation/gate.ts'
import { metricsOf } from './scored.ts'

const gate = { validation: 0.75, test: 1, minValidationImages: 4, minTestImages: 2 }
const good = metricsOf({ validation: { cat: 'cccd' }, test: { cat: 'c', dog: 'd' } })
const better = metricsOf({ validation: { cat: 'cccc' }, test: { cat: 'd', dog: 'd' } })

describe('judge', () => {
  it('passes at the thresholds', () => {
    expect(judge({ good }, gate)).toEqual({ chosen: 'good', misses: [] })
  })

  it('chooses by validation, whatever the test says', () => {
    expect(judge({ good, better }, gate)).toMatchObject({ chosen: 'better', misses: [{ part: 'test', short: 1 }] })
  })

  it('says how many images are missing to the threshold', () => {
    // 0.95 of 4 images are 3.8, so 4; 3 are right.
    expect(judge({ good }, { ...gate, validation: 0.95 }).misses).toMatchObject([
      { kind: 'accuracy', part: 'validation', expected: 0.95, short: 1 },
    ])
  })

  it('counts no image too many where a product is rounded up', () => {
    // 0.55 * 100 is 55.00000000000001 in binary; 54 are right, so 1 is missing.
    const metrics = metricsOf({ validation: { cat: 'c'.repeat(54) + 'd'.repeat(46) }, test: { cat: 'cc' } })
    expect(judge({ metrics }, { ...gate, validation: 0.55 }).misses).toMatchObject([{ short: 1 }])
  })

  it('fails with too few images, even when all are right', () => {
    expect(judge({ good }, { ...gate, minTestImages: 3 }).misses).toEqual([
      { kind: 'too few images', part: 'test', images: 2, expected: 3 },
    ])
  })

  it('fails without test images', () => {
    const untested = metricsOf({ validation: { cat: 'cccc' } })
    expect(judge({ untested }, gate).misses).toEqual([{ kind: 'too few images', part: 'test', images: 0, expected: 2 }])
  })

  it('fails when the accuracy on the test images is NaN', () => {
    const broken = { ...good, test: { ...good.test, accuracy: Number.NaN } }
    expect(judge({ broken }, gate).misses).toMatchObject([{ kind: 'accuracy', part: 'test', short: Number.NaN }])
    expect(judge({ broken }, { ...gate, test: 0 }).misses).toHaveLength(1)
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
    const third = metricsOf({ validation: { cat: 'cdd' }, test: { cat: 'cc' } })
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
    const wrong = metricsOf({ validation: { cat: 'd' } })
    expect(rankConfigurations({ broken, wrong, good })).toEqual(['good', 'wrong', 'broken'])
    expect(rankConfigurations({ good, wrong, broken })).toEqual(['good', 'wrong', 'broken'])
  })
})
