import { expect, it } from 'vitest'
import { trainingNotes } from '../../src/report/training-notes.ts'
import { metricsOf } from '../evaluate/scored.ts'
import { historyRow } from '../support/history-row.ts'

const UNCORRECTED = { classWeights: 'none', sampling: 'shuffled' } as const

it('says how a training ended, and no more where all is well', () => {
  const metrics = metricsOf({}, { mode: 'transfer' })
  const history = [historyRow(1), historyRow(2, { stopped_by: 'early' })]
  expect(trainingNotes({ history, metrics }, UNCORRECTED)).toEqual(['stopped after epoch 2 by stopping.early'])
})

it('says that a training learned nothing, and that it had few images', () => {
  const metrics = metricsOf({}, { mode: 'fine-tune', train_images_per_class: { cat: 1000, dog: 240 } })
  const history = [historyRow(1), historyRow(2), historyRow(3, { collapsed: 1, stopped_by: 'epochs' })]
  expect(trainingNotes({ history, metrics }, UNCORRECTED)).toEqual([
    'all 3 epochs used',
    'collapsed to the class prior: from epoch 3, to its end, no better in training than guessing by the class shares',
    'fewer than the 1,000 images a class that fine-tuning needs: dog 240',
    'classes are uneven and nothing corrects for it (no train.sampling, no train.classWeights), of dog 240 to cat 1,000 images',
  ])
})
