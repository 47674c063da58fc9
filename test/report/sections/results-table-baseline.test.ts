import { describe, expect, it } from 'vitest'
import { majorityBaseline } from '../../../src/report/sections/results-table.ts'
import { metricsOf } from '../../evaluate/scored.ts'

describe('majorityBaseline', () => {
  it('predicts the most frequent class of the training images', () => {
    const metrics = metricsOf({ validation: { cat: 'cd', dog: 'dddddd', horse: 'hh' } })
    // train: 2 cats, 6 dogs, 2 horses; so 6 of 10 are right. F1 of dog 2 * 6 / (10 + 6) = 0.75, of the others 0.
    const { label, scores: guessed } = majorityBaseline(metrics)
    expect(label).toBe('dog')
    expect(guessed.validation).toMatchObject({ images: 10, correct: 6, accuracy: 0.6, macro_f1: 0.25 })
    expect(guessed.test).toMatchObject({ images: 0 })
  })

  it('predicts the first class of a tie', () => {
    const metrics = { ...metricsOf({}), train_images_per_class: new Map(Object.entries({ zebra: 5, cat: 5, dog: 4 })) }
    expect(majorityBaseline(metrics).label).toBe('cat')
  })

  it('is wrong on every image where the class is missing', () => {
    const metrics = { ...metricsOf({ test: { cat: 'c' } }), train_images_per_class: new Map([['dog', 1]]) }
    expect(majorityBaseline(metrics).scores.test).toMatchObject({ images: 1, correct: 0, macro_f1: 0 })
  })
})
