import { describe, expect, it } from 'vitest'
import { labelCandidates } from '../../src/report/label-trouble.ts'
import type { CalibratedImage } from '../../src/scores/predictions.ts'

const classes = ['cat', 'dog']

/** A cat or a dog by the first letter of its id, with its calibrated probability to be a dog. */
function image(id: string, dog: number): CalibratedImage {
  const label = id.startsWith('c') ? 'cat' : 'dog'
  const prediction = dog > 0.5 ? 'dog' : 'cat'
  return { id, part: 'holdout', label, prediction, probabilities: [0.5, 0.5], calibrated: [1 - dog, dog] }
}

const chosen = [image('c1', 0.995), image('c2', 0.99), image('c3', 0.999), image('d1', 0.3), image('d2', 0.999)]
const other = [image('c1', 0.1), image('c2', 0.1), image('c3', 0.6), image('d1', 0.4), image('d2', 0.1)]

describe('labelCandidates', () => {
  it('are those that the chosen one is sure of and those that all get wrong, the surest first', () => {
    const found = labelCandidates({ other, chosen }, { chosen: 'chosen', classes })
    expect(found.map(({ id, probability, reason }) => [id, probability, reason])).toEqual([
      ['c3', 0.999, 'sure and everyone'],
      ['c1', 0.995, 'sure'],
      ['d1', 0.7, 'everyone'],
    ])
    expect(found[0]).toMatchObject({ label: 'cat', prediction: 'dog', part: 'holdout' })
  })

  it('are never all that a single configuration gets wrong', () => {
    const found = labelCandidates({ chosen }, { chosen: 'chosen', classes })
    expect(found.map(({ id }) => id)).toEqual(['c3', 'c1'])
  })
})
