import { describe, expect, it } from 'vitest'
import { classBars } from '../../src/report/class-bars.ts'
import type { Evaluated } from '../../src/report/evaluations.ts'
import { reliabilityPlot } from '../../src/report/reliability-plot.ts'
import { drawSvg } from '../../src/report/svg.ts'
import { evaluationOf, identityOf, metricsOf } from '../evaluate/scored.ts'

const taken = {
  validation: { cat: 'cccd', dog: 'ddd', horse: 'hhhc' },
  holdout: { cat: 'ccccccccdd', dog: 'dddddddddd', horse: 'hhhhhhhhhc' },
}
const { images, confusion, reliability, calibration } = evaluationOf(taken)
const rest = { confusion, reliability, calibration, identity: identityOf('one'), history: [] }
const evaluated: Evaluated = { ...rest, metrics: metricsOf(taken), predictions: images }

describe('reliabilityPlot', () => {
  it('shows a dot and an interval for each bin, of own and of calibrated probabilities', async () => {
    const svg = await drawSvg(reliabilityPlot('tiny', 'holdout', evaluated))
    // Every probability is 0.8, so that there is one bin on each side.
    expect(svg.match(/class="mark-symbol[^"]*"[^>]*>\n<path/g)).toHaveLength(2)
    expect(svg).toContain('>its own probabilities</text>')
    expect(svg).toContain('>holdout, 30 images; lines: 95 % intervals</text>')
    // 27 of 30 are right where 80 % are said to be.
    expect(svg).toContain('>calibration error 10.0 %</text>')
  })
})

describe('classBars', () => {
  it('shows precision, recall and F1 of each class with their numbers', async () => {
    const svg = await drawSvg(classBars('tiny', 'holdout', evaluated.metrics.holdout))
    const texts = [...svg.matchAll(/>([^<\n]+)<\/text>/g)].map((match) => match[1])
    // cat: 8 of 9 and 8 of 10; dog: 10 of 12 and 10 of 10; horse: 9 of 9 and 9 of 10.
    expect(texts.filter((text) => /^\d+\.\d %$/.test(text ?? ''))).toEqual([
      ...['88.9 %', '80.0 %', '84.2 %', '83.3 %', '100.0 %', '90.9 %', '100.0 %', '90.0 %', '94.7 %'],
    ])
    expect(texts.filter((text) => ['cat', 'dog', 'horse'].includes(text ?? ''))).toEqual(['cat', 'dog', 'horse'])
    expect(texts).toEqual(expect.arrayContaining(['precision', 'recall', 'F1', 'holdout, 30 images']))
  })
})
