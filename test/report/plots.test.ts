import sharp from 'sharp'
import type { TopLevelSpec } from 'vega-lite'
import { describe, expect, it } from 'vitest'
import { classBars } from '../../src/report/class-bars.ts'
import { curvesFigure } from '../../src/report/curves.ts'
import type { Evaluated } from '../../src/report/inputs.ts'
import { COLORS } from '../../src/report/panels.ts'
import { reliabilityFigure } from '../../src/report/reliability.ts'
import { drawSvg } from '../../src/report/svg.ts'
import type { HistoryRow } from '../../src/scores/history.ts'
import { evaluationOf, identityOf, metricsOf } from '../evaluate/scored.ts'
import { historyRow } from '../support/history-row.ts'
import { rasterize } from '../support/svg.ts'

/** What a reader can read in a plot. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/>([^<\n]+)<\/(?:text|tspan)>/g)].map(([, text = '']) => text)
}

/** How many pixels of a plot have a colour. */
async function pixelsOf(svg: string, color: string): Promise<number> {
  const pixels = await sharp(await rasterize(svg))
    .removeAlpha()
    .raw()
    .toBuffer()
  const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
  let count = 0
  for (let at = 0; at < pixels.length; at += 3) if (wanted.every((value, i) => pixels[at + i] === value)) count++
  return count
}

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

const curves = (name: string, epochs: number, rows = history(epochs)) =>
  curvesFigure({ name, history: rows, bestEpoch: Math.ceil(epochs / 2), ending: `all ${epochs} epochs used` })

describe('curvesFigure', () => {
  it('draws training, validation and F1, and names them', async () => {
    const svg = await drawSvg(curves('tiny', 12))
    const legend = ['training', 'validation', 'F1 (validation)']
    const titles = ['tiny', 'ring: epoch 6, whose weights are kept', 'all 12 epochs used', 'loss (nats)', '100 %']
    expect(textsOf(svg)).toEqual(expect.arrayContaining([...titles, ...legend]))
    for (const color of Object.values(COLORS)) expect(await pixelsOf(svg, color)).toBeGreaterThan(20)
    expect(await pixelsOf(svg, '#ffffff')).toBeGreaterThan(10_000) // a background of its own
  })

  it('gives the same bytes whatever was drawn before', async () => {
    const alone = await drawSvg(curves('tiny', 5))
    await drawSvg(curves('other', 9))
    expect(await drawSvg(curves('tiny', 5))).toBe(alone)
  })

  it('draws one epoch, and a hundred in under 50 kB', async () => {
    expect(textsOf(await drawSvg(curves('short', 1)))).toContain('1')
    expect((await drawSvg(curves('long', 100))).length).toBeLessThan(50_000)
  })

  it('leaves out values that are not numbers', async () => {
    const broken = history(4).map((row) => ({ ...row, validation_loss: Number.NaN }))
    expect(await drawSvg(curves('broken', 4, broken))).not.toContain('NaN')
  })

  it('has a margin that no label reaches into', async () => {
    const svg = await drawSvg(curves('a-rather-long-name-of-a-configuration-with-many-words-in-it', 12))
    const margin = await Promise.all(
      (['left', 'right', 'top', 'bottom'] as const).map(async (side) => {
        const image = sharp(await rasterize(svg))
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

const taken = {
  validation: { cat: 'cccd', dog: 'ddd', horse: 'hhhc' },
  holdout: { cat: 'ccccccccdd', dog: 'dddddddddd', horse: 'hhhhhhhhhc' },
}
const { images, ...evaluation } = evaluationOf(taken)
const evaluated: Evaluated = {
  ...{ ...evaluation, metrics: metricsOf(taken), predictions: images },
  ...{ identity: identityOf('one'), history: [], notes: [] },
}

describe('reliabilityFigure', () => {
  it('shows own and calibrated probabilities, each with its calibration error', async () => {
    const svg = await drawSvg(reliabilityFigure('tiny', 'holdout', evaluated))
    // 27 of 30 are right where 80 % are said to be.
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining([
        ...['own probabilities', 'calibrated probabilities', 'holdout, 30 images; lines: 95 % intervals'],
        'calibration error 10.0 %',
      ]),
    )
    for (const color of [COLORS.orange, COLORS.blue]) expect(await pixelsOf(svg, color)).toBeGreaterThan(10)
  })
})

describe('classBars', () => {
  it('shows precision, recall and F1 of each class with their numbers', async () => {
    const texts = textsOf(await drawSvg(classBars('tiny', 'holdout', evaluated.metrics.holdout)))
    // cat: 8 of 9 and 8 of 10; dog: 10 of 12 and 10 of 10; horse: 9 of 9 and 9 of 10.
    expect(texts.filter((text) => /^\d\.\d{3}$/.test(text))).toEqual([
      ...['0.889', '0.800', '0.842', '0.833', '1.000', '0.909', '1.000', '0.900', '0.947'],
    ])
    expect(texts.filter((text) => ['cat', 'dog', 'horse'].includes(text))).toEqual(['cat', 'dog', 'horse'])
    expect(texts).toEqual(expect.arrayContaining(['precision', 'recall', 'F1', 'holdout, 30 images']))
  })
})

const clipped: TopLevelSpec = {
  data: { values: [{ x: 1, y: 2 }] },
  mark: { type: 'point', clip: true },
  encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } },
}

describe('drawSvg', () => {
  it('gives a clipped chart the same bytes every time', async () => {
    const first = await drawSvg(clipped)
    expect(await drawSvg(clipped)).toBe(first)
  })

  it('has no more decimals than pixels need, except in text', async () => {
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
