import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRng } from '../../../src/core/random.ts'
import { allSettings, describeSettings, drawSettings, gridSize, parseGrid } from '../../../src/dvc/tuning/grid.ts'

describe('parseGrid', () => {
  it('reads the values as YAML', () => {
    const axes = parseGrid(
      'learningRate=1e-4,1e-3 optimizer=adam,sgd  nesterov=true clipNorm=null,1 schedule.kind="a b"',
    )
    expect(axes).toEqual([
      { key: 'learningRate', values: [0.0001, 0.001] },
      { key: 'optimizer', values: ['adam', 'sgd'] },
      { key: 'nesterov', values: [true] },
      { key: 'clipNorm', values: [null, 1] },
      { key: 'schedule.kind', values: ['a b'] },
    ])
  })

  it('takes spaces and commas within brackets for parts of a value', () => {
    const [axis] = parseGrid('schedule={kind: constant},{kind: cosine, warmUpEpochs: 2}')
    expect(axis).toEqual({ key: 'schedule', values: [{ kind: 'constant' }, { kind: 'cosine', warmUpEpochs: 2 }] })
  })

  it.each([
    ['', 'received nothing.'],
    ['learningRate', 'received learningRate.'],
    ['learningRate=', 'received learningRate=.'],
    ['learningRate=1,,2', 'received learningRate=1,,2.'],
    ['=1', 'received =1.'],
    ['a=1 b=2 a=3', 'received a twice.'],
    ['a=0.1,1e-1', 'received a=0.1 twice.'],
    ['a={b', 'received {b: '],
  ])('refuses %j in one line that says what was received', (text, message) => {
    expect(() => parseGrid(text)).toThrow(message)
    expect(() => parseGrid(text)).toThrow(/^.*$/)
  })
})

describe('allSettings', () => {
  it('gives every combination, the last key moving fastest', () => {
    expect(allSettings(parseGrid('a=1,2 b=x,y,z')).map(describeSettings)).toEqual([
      'a=1 b=x',
      'a=1 b=y',
      'a=1 b=z',
      'a=2 b=x',
      'a=2 b=y',
      'a=2 b=z',
    ])
  })
})

describe('drawSettings', () => {
  const axes = parseGrid('a=1,2,3 b=1,2,3 c=1,2')

  it('draws different combinations of the grid, all of them where so many are asked for', () => {
    const all = allSettings(axes).map(describeSettings)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(), (count, seed) => {
        const drawn = drawSettings(axes, count, seededRng(seed)).map(describeSettings)
        expect(new Set(drawn).size).toBe(Math.min(count, gridSize(axes)))
        expect(all).toEqual(expect.arrayContaining(drawn))
      }),
    )
  })

  it('draws the same for the same seed, and more of the same for a greater number', () => {
    const draw = (count: number, seed: number) => drawSettings(axes, count, seededRng(seed, 'tune'))
    expect(draw(5, 1)).toEqual(draw(5, 1))
    expect(draw(8, 1).slice(0, 5)).toEqual(draw(5, 1))
    expect(draw(5, 1)).not.toEqual(draw(5, 2))
  })

  it('draws from a grid that nobody could list', () => {
    const digits = Array.from({ length: 12 }, (_, place) => `k${place}=0,1,2,3,4,5,6,7,8,9`).join(' ') // 10^12
    expect(drawSettings(parseGrid(digits), 3, seededRng(1))).toHaveLength(3)
  })
})
