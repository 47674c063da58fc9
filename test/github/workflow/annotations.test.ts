import { describe, expect, it } from 'vitest'
import { judge } from '../../../src/gate/gate.ts'
import { gateAnnotations } from '../../../src/github/workflow/annotations.ts'
import { evaluationOf, metricsOf } from '../../evaluate/scored.ts'

const PARAMS = `seed: 1
# gate: { test: 2 }
gate:
  validation: 0.5 # one

  minTestImages: 9
  test: 1
  minValidationImages: 1
`
const taken = { validation: { cat: 'c', dog: 'd', horse: 'h' }, test: { cat: 'c', dog: 'd', horse: 'd' } }
const scored = { net: { metrics: metricsOf(taken), predictions: evaluationOf(taken).images } }
const gate = judge({ net: scored.net.metrics }, { validation: 0.5, test: 1, minValidationImages: 1, minTestImages: 9 })

describe('gateAnnotations', () => {
  it('stand at the lines of the thresholds, comments and order aside', () => {
    const annotations = gateAnnotations({ paramsText: PARAMS, scored, gate })
    expect(annotations.map(({ line, level, title }) => [line, level, title])).toEqual([
      [6, 'failure', 'gate.minTestImages is missed'],
      [7, 'failure', 'gate.test is missed'],
      [4, 'notice', 'gate.validation is reached'],
    ])
    expect(annotations[1]?.message).toContain('test/horse/test-0.png taken for dog')
  })

  it('stand at the gate, or on the first line, where a threshold has none', () => {
    const lines = (text: string) => gateAnnotations({ paramsText: text, scored, gate }).map(({ line }) => line)
    expect(lines('\n\ngate: {}\n')).toEqual([3, 3, 3])
    expect(lines('seed: 1')).toEqual([1, 1, 1])
  })
})
