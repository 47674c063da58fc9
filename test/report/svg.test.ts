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

  it('has no more decimals than pixels need, but for what is text', async () => {
    const text = { data: { values: [{ x: 1 / 3 }] }, mark: { type: 'text' as const, text: '0.123456' } }
    const svg = await drawSvg({ ...text, encoding: { x: { field: 'x', type: 'quantitative' } } })
    expect(svg).toContain('>0.123456</text>')
    expect(svg.replace('0.123456', '')).not.toMatch(/\d\.\d{3}/)
    expect(svg).not.toMatch(/ (role|aria-\w+)=/)
  })

  it('writes an element a line', async () => {
    const svg = await drawSvg(clipped)
    expect(svg).not.toContain('><')
    expect(svg.endsWith('</svg>\n')).toBe(true)
  })
})
