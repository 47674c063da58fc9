import { describe, expect, it } from 'vitest'
import {
  accuracy,
  accuracyWithInterval,
  enumerated,
  percent,
  pluralize,
  points,
  score,
  unbroken,
  whole,
} from '../../src/scores/format.ts'
import { metricsOf } from '../evaluate/scored.ts'

describe('percent', () => {
  it('has one decimal', () => {
    expect(percent(0.95)).toBe('95.0 %')
    expect(percent(0)).toBe('0.0 %')
    expect(percent(1)).toBe('100.0 %')
  })

  it('says 100.0 of nothing less than all', () => {
    expect(percent(2499 / 2500)).toBe('99.9 %')
  })

  it('is a dash for NaN', () => {
    expect(percent(Number.NaN)).toBe('–')
  })
})

describe('unbroken', () => {
  it('puts a no-break space between a number and its percent sign, and nowhere else', () => {
    expect(unbroken('95.0 % of 9 % and a %')).toBe('95.0\u00a0% of 9\u00a0% and a %')
  })
})

describe('accuracyWithInterval', () => {
  it('has the counts and the exact interval', () => {
    // SciPy: binomtest(256, 259).proportion_ci(0.95, 'exact') is 0.9665 to 0.9976
    const { validation } = metricsOf({ validation: { cat: `${'c'.repeat(256)}ddd` } })
    expect(accuracyWithInterval(validation)).toBe('98.8 % (256/259, 96.7-99.8)')
    expect(accuracy(validation)).toBe('98.8 % (256/259)')
  })

  it('is a dash without images and for NaN', () => {
    const { validation, test } = metricsOf({ validation: { cat: 'c' } })
    expect(accuracyWithInterval(test)).toBe('–')
    expect(accuracyWithInterval({ ...validation, accuracy: Number.NaN })).toBe('–')
  })
})

describe('score', () => {
  it('has three decimals and says 1.000 of nothing less than 1', () => {
    expect(score(2 / 3)).toBe('0.667')
    expect(score(0.9999)).toBe('0.999')
    expect(score(1)).toBe('1.000')
    expect(score(Number.NaN)).toBe('–')
  })
})

describe('counts in words', () => {
  it('have groups of three and the right number of the noun', () => {
    expect(whole(1234567)).toBe('1,234,567')
    expect(pluralize(1, 'image')).toBe('1 image')
    expect(pluralize(0, 'image')).toBe('0 images')
    expect(points(1 - 29 / 30)).toBe('3.3 points')
  })
})

describe('enumerated', () => {
  it('joins names as a sentence does, and counts what is more than twenty', () => {
    expect(enumerated(['cat'])).toBe('cat')
    expect(enumerated(['cat', 'dog'])).toBe('cat and dog')
    expect(enumerated(['cat', 'dog', 'horse'])).toBe('cat, dog and horse')
    const many = Array.from({ length: 23 }, (_, place) => `c${place}`)
    expect(enumerated(many)).toMatch(/^c0, c1, .*, c19 and 3 more$/)
  })
})
