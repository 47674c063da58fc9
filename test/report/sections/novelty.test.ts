import { describe, expect, it } from 'vitest'
import { noveltySections } from '../../../src/report/sections/novelty.ts'
import { writeMarkdown } from '../../../src/report/write-markdown.ts'
import type { NoveltyMetrics } from '../../../src/scores/metrics.ts'
import { metricsOf } from '../../evaluate/scored.ts'

const NOVELTY: NoveltyMetrics = {
  ...{ false_refusals: 0.05, references: 720, neighbours: 10, limit: 0.12344, outcome: 'limit found' },
  refused: {
    validation: { refused: 3, images: 90 },
    holdout: { refused: 6, images: 90 },
    test: { refused: 0, images: 0 },
  },
  left_out: new Map([
    ['cat', { refused: 3, images: 4 }],
    ['dog', { refused: 1, images: 4 }],
  ]),
}

/** The section of these configurations, the first chosen, without the spaces that align its table. */
function textOf(...all: readonly { mode: string; novelty?: NoveltyMetrics }[]): string {
  const evaluations = all.map(({ mode, novelty }, place) => {
    const taken = { validation: { cat: place === 0 ? 'cccc' : 'cccd' } }
    return [`net${place}`, { metrics: metricsOf(taken, { mode, ...(novelty ? { novelty } : {}) }) }] as const
  })
  return writeMarkdown('', [], noveltySections(Object.fromEntries(evaluations), 'net0')).replace(/ +/g, ' ')
}

describe('noveltySections', () => {
  it('says how an image is refused, how many are that should not be, and of each left-out class', () => {
    const page = textOf({ mode: 'transfer', novelty: NOVELTY })
    expect(page).toContain('the 10th nearest of 720 training images')
    expect(page).toContain('on average at most 5.0 % of new images like them')
    // 3/90, 6/90; the mean of 3/4 and 1/4
    expect(page).toContain('| **net0** (chosen) | 0.123 | 3.3 % (3/90) | 6.7 % (6/90) | – | 50.0 % |')
    expect(page).toContain('| cat | 75.0 % (3/4) |\n| dog | 25.0 % (1/4) |')
  })

  it('says why something is not known', () => {
    const none = { ...NOVELTY, limit: null, left_out: null }
    const page = textOf(
      { mode: 'zero', novelty: { ...NOVELTY, left_out: null } },
      { mode: 'transfer', novelty: { ...NOVELTY, left_out: null } },
      { mode: 'zero', novelty: { ...none, outcome: 'too few validation images' } },
      { mode: 'zero', novelty: { ...none, outcome: 'switched off' } },
    )
    expect(page).toContain(
      '`net0`: how many foreign images it refuses is not known: its features were trained on every class',
    )
    expect(page).toContain('`net1`: without one of the classes, too few validation images remain')
    expect(page).toContain('`net2`: every image gets a class, since there are too few validation images')
    expect(page).toContain('| net2 | – | – | – | – | – |')
    expect(page).toContain('`net3`: every image gets a class, since evaluate.falseRefusals is null')
    expect(page).not.toContain('| cat |')
  })

  it('is empty for evaluations of earlier versions', () => {
    expect(noveltySections({ net: { metrics: metricsOf({ validation: { cat: 'c' } }) } })).toEqual([])
  })
})
