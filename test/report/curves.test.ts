import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { curvesSpec, shareTicks } from '../../src/report/curves.ts'
import { drawSvg } from '../../src/report/svg.ts'
import type { HistoryRow } from '../../src/scores/history.ts'
import { historyRow } from '../support/history-row.ts'

function history(epochs: number): HistoryRow[] {
  return Array.from({ length: epochs }, (_, index) =>
    historyRow(index + 1, {
      loss: 1 / (index + 1),
      accuracy: 1 - 0.5 / (index + 1),
      validation_loss: 1.5 / (index + 1),
      validation_accuracy: 1 - 0.75 / (index + 1),
      stopped_by: index + 1 === epochs ? 'early' : '',
    }),
  )
}

const draw = (name: string, epochs: number) =>
  drawSvg(curvesSpec({ name, history: history(epochs), bestEpoch: Math.ceil(epochs / 2) }))

describe('drawSvg, of learning curves', () => {
  it('draws two losses, two accuracies and F1 on a background of its own', async () => {
    const svg = await draw('tiny', 12)
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(svg).toMatch(/<rect width="\d+" height="\d+" fill="#ffffff"\/>/)
    expect(svg.match(/<path [^>]*stroke="#(0072b2|d55e00)" stroke-width="2"/g)).toHaveLength(4)
    const f1 = [...svg.matchAll(/<path [^>]*d="([^"]+)"[^>]*stroke="#009e73" stroke-width="2" stroke-dasharray/g)]
    expect(f1.map(([, d]) => d).filter((d) => d !== '')).toHaveLength(1)
    for (const text of [
      'tiny',
      'dashed: epoch 6, whose weights are kept',
      'stopped after epoch 12 by stopping.early',
      'training',
      'validation',
      'F1 (validation)',
      '100 %',
    ]) {
      expect(svg).toMatch(new RegExp(`>${text.replace(/[().]/g, '\\$&')}</(text|tspan)>`))
    }
  })

  it('gives the same bytes whatever was drawn before', async () => {
    const alone = await draw('tiny', 5)
    await draw('other', 9)
    expect(await draw('tiny', 5)).toBe(alone)
  })

  it('draws one epoch, and a hundred in under 50 kB', async () => {
    expect(await draw('short', 1)).toContain('>1</text>')
    expect((await draw('long', 100)).length).toBeLessThan(50_000)
  })

  it('leaves out values that are no numbers', async () => {
    const broken = history(4).map((row) => ({ ...row, validation_loss: Number.NaN }))
    const svg = await drawSvg(curvesSpec({ name: 'broken', history: broken, bestEpoch: 1 }))
    expect(svg).not.toContain('NaN')
  })

  it('has a margin that no label reaches into', async () => {
    const svg = await draw('a-rather-long-name-of-a-configuration-with-many-words-in-it', 12)
    const margin = await Promise.all(
      (['left', 'right', 'top', 'bottom'] as const).map(async (side) => {
        const image = sharp(Buffer.from(svg))
        const { width, height } = await image.metadata()
        const upright = side === 'left' || side === 'right'
        const area = {
          left: side === 'right' ? width - 8 : 0,
          top: side === 'bottom' ? height - 8 : 0,
          width: upright ? 8 : width,
          height: upright ? height : 8,
        }
        const { channels } = await sharp(await image.extract(area).png().toBuffer()).stats()
        return Math.min(...channels.map(({ min }) => min))
      }),
    )
    expect(margin).toEqual([255, 255, 255, 255])
  })
})

describe('shareTicks', () => {
  it.each([
    [
      [0.19, 1],
      [0, 0.2, 0.4, 0.6, 0.8, 1],
    ],
    [
      [0.43, 0.97],
      [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
    ],
    [
      [0.9, Number.NaN],
      [0.9, 0.92, 0.94, 0.96, 0.98, 1],
    ],
    [[1], [0.99, 1]],
  ])('gives %j an axis that begins and ends with a label', (shares, ticks) => {
    expect(shareTicks(shares)).toEqual(ticks)
  })
})
