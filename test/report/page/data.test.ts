import { describe, expect, it } from 'vitest'
import { pageData } from '../../../src/report/page/data.ts'
import { evaluationOf, identityOf, metricsOf, type Taken } from '../../evaluate/scored.ts'
import { history } from '../../pipeline/evaluated.ts'

const CATS: Taken = { validation: { cat: 'ccd', dog: 'd' }, test: { dog: 'c' } }
const WORSE: Taken = { validation: { cat: 'cdd', dog: 'd' }, test: { dog: 'c' } }

function evaluated(taken: Taken) {
  const { images, ...evaluation } = evaluationOf(taken)
  return {
    ...{ ...evaluation, predictions: images, history, notes: [], identity: identityOf('a') },
    metrics: metricsOf(taken, { best_epoch: 3 }),
  }
}

const images = [
  { id: 'train/cat/9.png', part: 'train' as const, label: 'cat' },
  { id: 'train/cat/validation-2.png', part: 'validation' as const, label: 'cat' },
  { id: 'test/dog/test-0.png', part: 'test' as const, label: 'dog' },
]
const map = (id: string, name: string, value: number) => ({
  ...{ id, part: 'test' as const, class: name, values: Uint8Array.of(value, 255) },
})
const content = {
  evaluations: { worse: evaluated(WORSE), better: evaluated(CATS) },
  heat: {
    better: {
      height: 1,
      width: 2,
      maps: [map('test/dog/test-0.png', 'cat', 1), map('test/dog/test-0.png', 'dog', 2)],
    },
  },
  images,
  thumbnails: ['data:a', 'data:b', 'data:c'],
  candidates: ['test/dog/test-0.png', 'not in the page'],
  nearDuplicates: { groups: [['train/cat/validation-2.png', 'train/cat/9.png']], all: 2 },
  charts: { curves: { accuracy: {}, loss: {}, macro_f1: {} }, reliability: {} },
}
const data = pageData(content)
const [better, worse] = data.configurations

describe('pageData', () => {
  it('ranks the configurations and leaves out parts without images', () => {
    expect(data.configurations.map(({ name }) => name)).toEqual(['better', 'worse'])
    expect(data.parts).toEqual(['validation', 'test'])
  })

  it('names images by their places', () => {
    expect(data.images[2]).toEqual({ id: 'test/dog/test-0.png', part: 'test', label: 1, thumbnail: 'data:c' })
    expect(data.candidates).toEqual({ places: [2], all: 2 })
    expect(data.nearDuplicates).toEqual({ groups: [[1, 0]], all: 2 })
  })

  it('gives each image the calibrated probabilities of its answer, and training images none', () => {
    expect(better?.answers[0]).toBeNull()
    const calibrated = evaluationOf(CATS).images.find(({ id }) => id === 'test/dog/test-0.png')?.calibrated ?? []
    const [cat = 0, dog = 0, horse = 0] = calibrated.map((value) => Number(value.toFixed(4)))
    expect(better?.answers[2]).toEqual({
      prediction: 0,
      probabilities: [
        [0, cat],
        [1, dog],
        [2, horse],
      ],
    })
  })

  it('gives a wrong image the map of its answer and of its label, where both were drawn', () => {
    expect(better?.heat).toEqual({ height: 1, width: 2, maps: { 2: { prediction: 'Af8=', label: 'Av8=' } } }) // 01 ff, 02 ff
    expect(worse?.heat).toEqual({ height: 0, width: 0, maps: {} })
  })

  it('leaves out classes at 0.0 %, but never the label', () => {
    const [given] = evaluationOf({ validation: { cat: 'd' } }).images
    const calibrated = [0.0001, 0.9996, 0.0003]
    const predictions = given ? [{ ...given, calibrated }] : []
    const shown = { id: given?.id ?? '', part: 'validation' as const, label: 'cat' }
    const { configurations } = pageData({
      ...content,
      evaluations: { only: { ...evaluated({ validation: { cat: 'd' } }), predictions } },
      images: [shown],
    })
    expect(configurations[0]?.answers[0]?.probabilities).toEqual([
      [1, 0.9996],
      [0, 0.0001],
    ])
  })

  it('has the cells of the confusion matrix that are not 0: label, predicted class, count', () => {
    expect(better?.confusion.validation).toEqual([
      [0, 0, 2],
      [0, 1, 1],
      [1, 1, 1],
    ])
  })

  it('gives curves of training and validation, and F1 of validation alone', () => {
    expect(better?.curves.loss.map(({ series, epoch, value }) => [series, epoch, value])).toEqual([
      ...[1, 2, 3].map((epoch) => ['training', epoch, 1 / epoch]),
      ...[1, 2, 3].map((epoch) => ['validation', epoch, 1.1 / epoch]),
    ])
    expect(better?.curves.macro_f1).toHaveLength(3)
  })

  it('gives each bin of the reliability diagram its exact interval', () => {
    // One of one is right: Clopper-Pearson 0.025 to 1. Source: 1 - 0.975 ** (1 / 1).
    const [bin] = evaluated({ validation: { cat: 'c' } }).reliability.validation
    expect(bin).toMatchObject({ images: 1, correct: 1 })
    const one = pageData({
      ...{ evaluations: { one: evaluated({ validation: { cat: 'c' } }) }, heat: {}, images: [], thumbnails: [] },
      ...{ candidates: [], nearDuplicates: { groups: [], all: 0 }, charts: data.charts },
    })
    expect(one.configurations[0]?.calibration.validation?.points).toEqual([
      { confidence: 0.8, accuracy: 1, low: 0.025, high: 1, images: 1 },
    ])
  })
})
