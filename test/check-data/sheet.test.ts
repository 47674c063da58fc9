import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { drawSheet } from '../../src/check-data/sheet.ts'
import { encodePng } from '../../src/images/encode.ts'
import { rasterize } from '../support/svg.ts'

describe('drawSheet', () => {
  it('shows each image with its label and prediction', async () => {
    const png = await encodePng(new Uint8Array(16 * 16 * 3).fill(200), 16, 224)
    const cell = { id: 'a & b.png', label: 'cat', png }
    const svg = drawSheet(
      [
        { ...cell, predicted: 'cat', probability: 0.984 },
        { ...cell, predicted: '<dog>', probability: 0.6 },
      ],
      { title: 'net', lines: ['one', 'two'] },
    )
    expect(svg).toContain('✓ cat 98 %')
    expect(svg).toContain('✗ &lt;dog&gt; 60 %')
    expect(svg).toContain('<title>a &amp; b.png</title>')
    expect(svg.match(/<image /g)).toHaveLength(2)
    const { data, info } = await sharp(await rasterize(svg))
      .raw()
      .toBuffer({ resolveWithObject: true })
    // edge 20, title 24, two lines of 18; eight cells of 112 and seven gaps of 12 across
    const at = (x: number, y: number) => data[(y * info.width + x) * info.channels]
    expect(info.width).toBe(2 * 20 + 8 * 112 + 7 * 12)
    expect(at(20 + 56, 80 + 56)).toBe(200)
    expect(at(20 + 112 + 6, 80 + 56)).toBe(255)
  })
})
