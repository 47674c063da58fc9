import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { classify, predictedClass, readPredictions, writePredictions } from '../../src/scores/predictions.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const classes = ['cat', 'dog', 'horse']

const folder = temporaryFolder({ per: 'file' })

describe('predictedClass', () => {
  it('is the class of the greatest probability', () => {
    expect(predictedClass([0.2, 0.5, 0.3], classes)).toBe('dog')
  })

  it('is the first class of a tie', () => {
    expect(predictedClass([0.2, 0.4, 0.4], classes)).toBe('dog')
  })

  it('is never a class whose probability is NaN', () => {
    expect(predictedClass([Number.NaN, 0.1, Number.NaN], classes)).toBe('dog')
    expect(predictedClass([0.1, Number.NaN, 0.2], classes)).toBe('horse')
  })

  it('does not exist when every probability is NaN', () => {
    expect(() => predictedClass([Number.NaN, Number.NaN], ['a', 'b'])).toThrow(
      'Expected 2 probabilities, received NaN, NaN.',
    )
  })
})

describe('classify', () => {
  it('names the images whose probabilities are not finite', () => {
    const broken = [0, 1, 2, 3, 4, 5].map((index) => ({
      id: `train/cat/${index}.png`,
      part: 'holdout' as const,
      label: 'cat',
      probabilities: [0.5, index === 0 ? 0.5 : Number.NaN, 0],
    }))
    expect(() => classify(broken.slice(0, 3), classes)).toThrow('for 2 images: train/cat/1.png, train/cat/2.png. Train')
    expect(() => classify([...broken, ...broken], classes)).toThrow(
      /for 10 images: (train\/cat\/\d\.png, ){5}…\. Train/,
    )
  })
})

describe('writePredictions', () => {
  it('writes part by part, then by id, and reads the same again', async () => {
    const path = join(folder.path, 'predictions.csv')
    const predictions = [
      { id: 'test/b.png', part: 'test' as const, label: 'cat', probabilities: [0.25, 0.5, 0.25] },
      { id: 'train/b.png', part: 'holdout' as const, label: 'dog', probabilities: [1 / 3, 1 / 3, 1 / 3] },
      { id: 'train/c.png', part: 'validation' as const, label: 'horse', probabilities: [0, 0, 1] },
      { id: 'train/a, "x".png', part: 'validation' as const, label: 'cat', probabilities: [0.9999999, 1e-7, 0] },
    ]
    const images = classify(predictions, classes).map((image) => ({ ...image, calibrated: [0.5, 0.25, 0.25] }))
    await writePredictions(path, images, classes)
    expect(await readFile(path, 'utf8')).toBe(
      [
        'id,part,label,prediction,probability_cat,probability_dog,probability_horse,calibrated_cat,calibrated_dog,calibrated_horse',
        '"train/a, ""x"".png",validation,cat,cat,1.000000,0.000000,0.000000,0.500000,0.250000,0.250000',
        'train/c.png,validation,horse,horse,0.000000,0.000000,1.000000,0.500000,0.250000,0.250000',
        'train/b.png,holdout,dog,cat,0.333333,0.333333,0.333333,0.500000,0.250000,0.250000',
        'test/b.png,test,cat,dog,0.250000,0.500000,0.250000,0.500000,0.250000,0.250000',
        '',
      ].join('\n'),
    )
    const read = await readPredictions(path)
    expect(read.map(({ id }) => id)).toEqual(['train/a, "x".png', 'train/c.png', 'train/b.png', 'test/b.png'])
    expect(read[3]).toEqual({ ...predictions[0], prediction: 'dog', calibrated: [0.5, 0.25, 0.25] })
  })

  it('keeps a prediction that six decimals would make a tie', async () => {
    const path = join(folder.path, 'tie.csv')
    const close = { id: 'a', part: 'test' as const, label: 'dog', probabilities: [0.49999999, 0.50000001, 0] }
    await writePredictions(path, [{ ...close, prediction: 'dog', calibrated: [0.4, 0.6, 0] }], classes)
    expect((await readPredictions(path))[0]).toMatchObject({ prediction: 'dog', probabilities: [0.5, 0.5, 0] })
  })
})
