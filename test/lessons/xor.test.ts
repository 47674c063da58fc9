import { describe, expect, it } from 'vitest'
import { boundary } from '../../lessons/field.ts'
import { run, XOR } from '../../lessons/xor.ts'
import { drawSvg } from '../../src/report/svg.ts'
import { expectTensorsKept } from '../support/tensors.ts'
import { expectSameInJapanese } from './japanese.ts'

const { values, tell } = run()

describe('the lesson on exclusive or', () => {
  it('leaves a network without a hidden layer undecided, with a loss of ln 2', () => {
    expect(values.line.kept.training.loss).toBeCloseTo(Math.LN2, 3)
    for (const probability of values.line.probabilities) expect(probability).toBeCloseTo(0.5, 2)
  })

  it('is right that a line classifies at most three of the four correctly', () => {
    const right = Array.from({ length: 360 * 41 }, (_, i) => {
      const angle = ((i % 360) * Math.PI) / 180
      const offset = Math.floor(i / 360) / 10 - 2
      const sides = XOR.map(({ x, y }) => (Math.cos(angle) * x + Math.sin(angle) * y > offset ? 1 : 0))
      return XOR.filter(({ label }, place) => sides[place] === label).length
    })
    expect(Math.max(...right)).toBe(3)
  })

  it('classifies all four correctly with one hidden layer, for several seeds', () => {
    for (const { hidden } of [values, run(2).values, run(3).values]) {
      const [zeros, both, second, first] = hidden.probabilities
      expect(Math.max(zeros ?? 1, both ?? 1)).toBeLessThan(0.05)
      expect(Math.min(second ?? 0, first ?? 0)).toBeGreaterThan(0.95)
    }
  })

  it('draws both boundaries', async () => {
    const [straight, bent] = [boundary(values.line.field), boundary(values.hidden.field)]
    expect(straight.length).toBeGreaterThan(20)
    expect(Math.max(...turnsOf(straight))).toBeLessThan(0.1)
    expect(Math.max(...turnsOf(bent))).toBeGreaterThan(0.5)
    const svg = await drawSvg(tell('en').figure)
    expect(svg.match(/<line /g)?.length).toBeGreaterThan(straight.length + bent.length)
  })

  it('says the same in Japanese', () => expectSameInJapanese({ values, tell }))

  it('keeps no tensor', () => expectTensorsKept(0, () => run()))
})

/** How far the direction of each piece is from that of the first, in radians. */
function turnsOf(pieces: ReturnType<typeof boundary>): number[] {
  const directions = pieces.map(({ x, y, x2, y2 }) => Math.atan2(y2 - y, x2 - x))
  return directions.map((each) => {
    const turn = Math.abs(each - (directions[0] ?? 0)) % Math.PI
    return Math.min(turn, Math.PI - turn)
  })
}
