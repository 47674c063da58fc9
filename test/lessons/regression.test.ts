import { describe, expect, it } from 'vitest'
import { learnLine, POINTS } from '../../lessons/line.ts'
import { predict, run } from '../../lessons/regression.ts'
import { expectTensorsKept } from '../support/tensors.ts'
import { expectSameInJapanese } from './japanese.ts'

const { values, tell } = run()
const { lines } = tell('en')
const found = values.oneByOne.at(-1) ?? { weight: Number.NaN, bias: Number.NaN }

describe('the lesson on regression', () => {
  it('finds y = 2x + 1, as near as the study did', () => {
    expect(Math.abs(found.weight - 2)).toBeLessThan(0.1)
    expect(Math.abs(found.bias - 1)).toBeLessThan(0.1)
    expect(predict(found, 10)).toBeCloseTo(21.06, 2)
    expect(values.oneByOne).toHaveLength(51)
  })

  it('takes the steps that can be worked out by hand', () => {
    // By one point, d(error²)/dw = 2 · error · x and d(error²)/db = 2 · error; by all, the mean of these.
    expect(found).toEqual(near(byHand(POINTS.map((point) => [point]))))
    expect(values.allAtOnce.at(-1)).toEqual(near(byHand([POINTS])))
    const [, first] = values.allAtOnce
    // From 0 and 0: -2/5 · (1·0 + 3·1 + 7·3 + 11·5 + 13·6) = -62.8, and -2/5 · (1 + 3 + 7 + 11 + 13) = -14.
    expect(first).toEqual(near({ weight: 0.628, bias: 0.14 }))
  })

  it('prints both ways of feeding beside the study', () => {
    expect(lines[1]).toContain('w 2.0142   b 0.9204   at x = 10: 21.06')
    expect(lines[2]).toContain('w 2.0825   b 0.6190   at x = 10: 21.44')
    expect(lines[3]).toContain('w 2.0127   b 0.9414')
  })

  it('says the same in Japanese', () => expectSameInJapanese({ values, tell }))

  it('keeps no tensor', () =>
    expectTensorsKept(0, () => learnLine({ optimizer: 'adam', learningRate: 0.1, epochs: 2, batchSize: 5 })))
})

function byHand(batches: readonly (readonly { x: number; y: number }[])[]) {
  let [weight, bias] = [0, 0]
  for (let epoch = 1; epoch <= 50; epoch++) {
    for (const batch of batches) {
      const errors = batch.map(({ x, y }) => weight * x + bias - y)
      const slopes = errors.map((error, i) => error * (batch[i]?.x ?? 0))
      weight -= (0.01 * 2 * sum(slopes)) / batch.length
      bias -= (0.01 * 2 * sum(errors)) / batch.length
    }
  }
  return { weight, bias }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function near({ weight, bias }: { weight: number; bias: number }) {
  return { weight: expect.closeTo(weight, 5), bias: expect.closeTo(bias, 5) }
}
