import { describe, expect, it } from 'vitest'
import { judge } from '../../src/gate/gate.ts'
import { gateAnnotations } from '../../src/github/annotations.ts'
import { annotationCommand } from '../../src/github/check.ts'
import { evaluationOf, metricsOf } from '../evaluate/scored.ts'

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
  it('points at the line of each threshold, whatever the order and comments', () => {
    const annotations = gateAnnotations({ paramsText: PARAMS, scored, gate })
    expect(annotations.map(({ line, level, title }) => [line, level, title])).toEqual([
      [6, 'failure', 'gate.minTestImages missed'],
      [7, 'failure', 'gate.test missed'],
      [4, 'notice', 'gate.validation reached'],
    ])
    expect(annotations[1]?.message).toContain('test/horse/test-0.png taken for dog')
  })

  it('points at `gate`, or at the first line, if params.yaml lacks a threshold', () => {
    const lines = (text: string) => gateAnnotations({ paramsText: text, scored, gate }).map(({ line }) => line)
    expect(lines('\n\ngate: {}\n')).toEqual([3, 3, 3])
    expect(lines('seed: 1')).toEqual([1, 1, 1])
  })
})

describe('annotationCommand', () => {
  it('is one line, whatever the annotation contains', () => {
    const annotation = {
      path: 'a,b:c',
      line: 3,
      level: 'failure',
      title: '50 %\n::x',
      message: 'a\r\n::error::b',
    } as const
    expect(annotationCommand(annotation)).toBe(
      '::error file=a%2Cb%3Ac,line=3,title=50 %25%0A%3A%3Ax::a%0D%0A::error::b',
    )
  })
})
