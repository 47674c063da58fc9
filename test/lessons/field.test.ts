import { describe, expect, it } from 'vitest'
import { boundary, fieldLayers } from '../../lessons/field.ts'
import { figure, panel } from '../../src/report/panels.ts'
import { drawSvg } from '../../src/report/svg.ts'

const AXIS = { title: '', domain: [0, 2], grid: false } as const

describe('boundary', () => {
  it('crosses between the centres of cells where the interpolated value is 0.5', () => {
    // Centres at 0.5 and 1.5; from 0.25 to 0.75 it is 0.5 halfway, from 0 to 0.625 after 0.8 of the way.
    expect(boundary({ values: [0.25, 0.75, 0, 0.625], cells: 2, domain: [0, 2] })).toEqual([
      { x: 1, y: 0.5, x2: expect.closeTo(1.3, 10), y2: 1.5 },
    ])
  })

  it('cuts off one corner', () => {
    expect(boundary({ values: [1, 0, 0, 0], cells: 2, domain: [0, 2] })).toEqual([{ x: 1, y: 0.5, x2: 0.5, y2: 1 }])
  })

  it('has two segments where opposite corners agree', () => {
    expect(boundary({ values: [1, 0, 0, 1], cells: 2, domain: [0, 2] })).toHaveLength(2)
  })

  it('is empty when all values are on one side', () => {
    expect(boundary({ values: [0.6, 0.7, 0.8, 0.9], cells: 2, domain: [0, 2] })).toEqual([])
  })
})

describe('fieldLayers', () => {
  it('draws neighbours of the same shade in a row as one rectangle, rows from the bottom', async () => {
    const layers = fieldLayers({ values: [0, 0, 0, 1], cells: 2, domain: [0, 2] })
    const size = { width: 100, height: 100 }
    const svg = await drawSvg(
      figure({ title: 'a', subtitle: 'b' }, [panel({ title: 'c', x: AXIS, y: AXIS, size, layers })]),
    )
    expect(svg.match(/<path [^>]*fill="#9ccbe6"/g)).toHaveLength(2)
    expect(svg.match(/<path [^>]*d="M50,0h50v50h-50Z" fill="#f5b383"/g)).toHaveLength(1)
  })
})
