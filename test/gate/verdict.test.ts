import { describe, expect, it } from 'vitest'
import { GateError } from '../../src/core/errors.ts'
import { judge } from '../../src/gate/gate.ts'
import {
  explainMisses,
  explainMissesInMarkdown,
  missedError,
  nameMisses,
  requirePassed,
} from '../../src/gate/verdict.ts'
import { classify } from '../../src/scores/predictions.ts'
import { metricsOf as metricsByName, type Scored } from '../../src/scores/results.ts'
import { metricsOf, predictionsOf, type Taken } from '../evaluate/scored.ts'

const gate = { validation: 0.75, test: 1, minValidationImages: 4, minTestImages: 3 }

const EACH = { cat: 'c', dog: 'd', horse: 'h' }

function scored(taken: Taken): Record<string, Scored> {
  const predictions = classify(predictionsOf(taken), ['cat', 'dog', 'horse'])
  return { tiny: { metrics: metricsOf(taken), predictions } }
}

function verdictOf(configurations: Record<string, Scored>) {
  return judge(metricsByName(configurations), gate)
}

describe('requirePassed', () => {
  it('says what was reached', () => {
    const configurations = scored({ validation: { cat: 'cd', dog: 'd', horse: 'h' }, test: EACH })
    expect(requirePassed(verdictOf(configurations), configurations)).toBe(
      'tiny, validation 75.0 % (3/4), test 100.0 % (3/3)',
    )
  })

  it('names the threshold, the shortfall and the images', () => {
    const configurations = scored({ validation: { cat: 'cd', dog: 'd', horse: 'h' }, test: { ...EACH, dog: 'h' } })
    expect(() => requirePassed(verdictOf(configurations), configurations)).toThrow(
      new GateError(
        'Expected tiny to reach 100.0 % on the test images (gate.test), received 66.7 % (2/3), 33.3 points or 1 image short. ' +
          'Wrong: test/dog/test-0.png taken for horse. ' +
          'Check their labels only, and improve the configurations on validation: a test set they are tuned on proves nothing.',
      ),
    )
  })
})

describe('explainMissesInMarkdown, missedError', () => {
  const configurations = scored({ validation: { cat: 'd', dog: 'd', horse: 'd' }, test: { dog: 'ddd' } })
  const reasons = [
    /^- Expected test images of every class, received none of cat, horse\. /,
    /^- Expected at least 4 validation images /,
    /^- Expected tiny to reach 75\.0 % on the validation images /,
  ]

  it('is a list in Markdown, where there are several', () => {
    const [first, empty, ...lines] = explainMissesInMarkdown(verdictOf(configurations), configurations).split('\n')
    expect([first, empty, lines.length]).toEqual(['3 reasons:', '', 3])
    reasons.forEach((reason, i) => {
      expect(lines[i]).toMatch(reason)
    })
  })

  it('is a line per reason in a terminal', () => {
    const lines = missedError(verdictOf(configurations), configurations).message.split('\n')
    expect(lines).toEqual([
      'Expected the gate to be passed, received 3 misses:',
      ...reasons.map((reason) => expect.stringMatching(reason)),
    ])
  })
})

describe('nameMisses', () => {
  it.each([
    [
      { validation: { cat: 'd', dog: 'd', horse: 'd' }, test: { dog: 'dd' } },
      'no test images of cat, horse; 3 validation images, fewer than 4; validation accuracy 33.3 % (1/3), below 75.0 %; 2 test images, fewer than 3',
    ],
    [{}, 'no configuration has a validation accuracy'],
    [{ validation: { cat: 'cd', dog: 'd', horse: 'h' }, test: EACH }, ''],
  ])('names each in a few words', (taken, words) => {
    expect(nameMisses(verdictOf(scored(taken)))).toBe(words)
  })
})

describe('explainMisses', () => {
  it('is empty when the gate is passed', () => {
    const configurations = scored({ validation: { cat: 'cc', dog: 'd', horse: 'h' }, test: EACH })
    expect(explainMisses(verdictOf(configurations), configurations)).toBe('')
  })

  it('names five images and counts the others', () => {
    const configurations = scored({ validation: { cat: 'd'.repeat(12), dog: 'd', horse: 'h' }, test: EACH })
    const text = explainMisses(verdictOf(configurations), configurations)
    expect(text).toContain('9 images short')
    expect(text.match(/taken for dog/g)).toHaveLength(5)
    expect(text).toContain(
      'train/cat/validation-4.png taken for dog, and 7 more in results/predictions.csv. Check their labels, then fix the data',
    )
  })

  it('names all that was missed', () => {
    const configurations = scored({ validation: { cat: 'd', dog: 'd', horse: 'd' }, test: { dog: 'd' } })
    expect(explainMisses(verdictOf(configurations), configurations)).toMatch(
      /at least 4 validation images \(gate\.minValidationImages\), received 3\. Add labelled images with `npm run add -- DIR`, .*\(gate\.validation\).* at least 3 test images \(gate\.minTestImages\), received 1\. Put more into `data\/test\/<label>\/`; then `npm run add`, `npm run accept-test-set` and `npm run repro`\./,
    )
  })

  it('names the classes that a part has no images of', () => {
    const configurations = scored({ validation: { cat: 'cc', dog: 'd', horse: 'h' }, test: { dog: 'ddd' } })
    expect(explainMisses(verdictOf(configurations), configurations)).toBe(
      'Expected test images of every class, received none of cat, horse. Only test images show how well they are recognized. Put more into `data/test/<label>/`; then `npm run add`, `npm run accept-test-set` and `npm run repro`.',
    )
  })

  it('reports a NaN and its configuration', () => {
    const { tiny } = scored({ validation: { cat: 'cc', dog: 'd', horse: 'h' }, test: EACH })
    if (!tiny) throw new Error('Expected a configuration, received none.')
    const test = { ...tiny.metrics.test, accuracy: Number.NaN }
    const configurations = { tiny: { ...tiny, metrics: { ...tiny.metrics, test } } }
    expect(explainMisses(verdictOf(configurations), configurations)).toBe(
      'Expected numbers for tiny on the test images, received none for accuracy. Train it again with a lower learning rate, or remove it from params.yaml.',
    )
  })

  it('names the configurations when none can be chosen', () => {
    const configurations = scored({})
    expect(explainMisses(verdictOf(configurations), configurations)).toContain('received none from tiny.')
  })
})
