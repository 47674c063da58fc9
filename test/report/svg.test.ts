import type { TopLevelSpec } from 'vega-lite'
import { describe, expect, it } from 'vitest'
import { drawSvg } from '../../src/report/svg.ts'

const clipped: TopLevelSpec = {
  data: { values: [{ x: 1, y: 2 }] },
  mark: { type: 'point', clip: true },
  encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } },
}

describe('drawSvg', () => {
  it('numbers clip paths anew in every chart', async () => {
    const first = await drawSvg(clipped)
    expect(first).toMatch(/<clipPath id="clip\d+"/)
    expect(await drawSvg(clipped)).toBe(first)
  })

  it('writes an element a line', async () => {
    const svg = await drawSvg(clipped)
    expect(svg).not.toContain('><')
    expect(svg.endsWith('</svg>\n')).toBe(true)
  })
})
