import { describe, expect, it } from 'vitest'
import { drawExamples, type Remedy, run } from '../../lessons/overfitting.ts'
import { seededRng } from '../../src/core/random.ts'
import { expectSameInJapanese } from './japanese.ts'

const REMEDIES: readonly Remedy[] = ['dropout', 'l2', 'stopped']
const lessons = [1, 2].map((seed) => ({ seed, lesson: run(seed) }))
const runs = lessons.map(({ seed, lesson }) => ({ seed, ...lesson.values }))

describe('the lesson on overfitting', () => {
  it('has the validation loss rise without a remedy, while the training loss falls', () => {
    for (const { plain } of runs) {
      const losses = plain.history.map(({ validation }) => validation.loss)
      expect(plain.kept.validation.loss).toBeGreaterThan(Math.min(...losses) + 0.1)
      expect(plain.kept.training.loss).toBeLessThan((plain.history[49]?.training.loss ?? 0) - 0.1)
    }
  })

  it.each(REMEDIES)('ends with a lower validation loss and a higher training loss with %s', (remedy) => {
    for (const learned of runs) {
      expect(learned[remedy].kept.validation.loss).toBeLessThan(learned.plain.kept.validation.loss - 0.05)
      expect(learned[remedy].kept.training.loss).toBeGreaterThan(learned.plain.kept.training.loss)
    }
  })

  it('stops 20 epochs after the lowest validation loss, and keeps that epoch', () => {
    for (const { seed, stopped, plain } of runs) {
      const losses = stopped.history.map(({ validation }) => validation.loss)
      expect(stopped.kept.epoch).toBe(losses.indexOf(Math.min(...losses)) + 1)
      expect(stopped.history).toHaveLength(stopped.kept.epoch + 20)
      expect(plain.history.slice(0, losses.length)).toEqual(stopped.history)
      const ofKept = stopped.probabilities.map((probability) => (probability > 0.5 ? 1 : 0))
      const training = drawExamples(100, seededRng(seed, 'overfitting', 'training'))
      const right = training.filter(({ label }, i) => label === ofKept[i]).length
      expect(right / 100).toBeCloseTo(stopped.kept.training.accuracy, 10)
    }
  })

  it('says the same in Japanese', () => {
    for (const { lesson } of lessons) expectSameInJapanese(lesson)
  })
})

describe('drawExamples', () => {
  it('labels a disc, and flips 15 % of the labels', () => {
    const examples = drawExamples(10_000, seededRng(1, 'test'))
    const wrong = examples.filter(({ x, y, label }) => x * x + y * y < 1.5 ** 2 !== (label === 1))
    expect(Math.abs(wrong.length / 10_000 - 0.15)).toBeLessThan(0.01)
    expect(Math.max(...examples.map(({ x, y }) => Math.max(Math.abs(x), Math.abs(y))))).toBeLessThanOrEqual(2)
  })
})
