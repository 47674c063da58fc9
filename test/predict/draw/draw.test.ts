import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Drawing } from '../../../src/predict/draw/blocks.ts'
import { drawNetwork } from '../../../src/predict/draw/draw.ts'
import { graphOf } from '../../../src/predict/draw/graphviz.ts'
import { tf } from '../../../src/tensorflow/raw.ts'

describe('drawNetwork', () => {
  it('draws a box a layer with its work, its parameters and the shape of what comes out', async () => {
    const svg = await drawNetwork(smallNetwork(), 'small')
    for (const text of ['small', 'conv', '3x3 conv 4 / 2', '112 parameters', '3 x 3 x 4', 'dropout 0.25']) {
      expect(textsOf(svg)).toContain(text)
    }
    const { width = 0, height = 0 } = await sharp(Buffer.from(svg)).metadata()
    expect(height).toBeGreaterThan(width)
  })

  it('escapes what has a meaning in SVG', async () => {
    const svg = await drawNetwork(smallNetwork(), 'a < b & \\N "c"')
    expect(textsOf(svg)).toContain('a &lt; b &amp; \\N &quot;c&quot;')
    await expect(sharp(Buffer.from(svg)).png().toBuffer()).resolves.toBeDefined()
  })

  it('gives the same text twice', async () => {
    expect(await drawNetwork(smallNetwork(), 'small')).toBe(await drawNetwork(smallNetwork(), 'small'))
  })
})

describe('graphOf', () => {
  it('escapes what has a meaning in labels of HTML', () => {
    const { nodes = [] } = graphOf(
      { boxes: [{ name: '<b>&"', works: ['1 < 2'], parameters: 0, shape: [1], isSum: false }], arrows: [] },
      'one',
    )
    const html = JSON.stringify(nodes[0]?.attributes?.label)
    expect(html).toContain('<b>&lt;b&gt;&amp;&quot;</b>')
    expect(html).toContain('1 &lt; 2')
  })

  it('centres the lines of a box, whatever the font is wide, with room between its name and what it does', async () => {
    const svg = await drawNetwork(smallNetwork(), 'small')
    const [, box = ''] = /<title>conv<\/title>([\s\S]*?)<\/g>/.exec(svg) ?? []
    const corners = [...(/points="([^"]+)"/.exec(box)?.[1] ?? '').matchAll(/([-\d.]+),[-\d.]+/g)].map(([, x]) =>
      Number(x),
    )
    const middle = (Math.min(...corners) + Math.max(...corners)) / 2
    const lines = [...box.matchAll(/text-anchor="(\w+)" x="([-\d.]+)" y="([-\d.]+)"[^>]*font-size="([\d.]+)"/g)]
    expect(lines.map(([, anchor]) => anchor)).toEqual(['middle', 'middle', 'middle'])
    for (const [, , x] of lines) expect(Number(x)).toBeCloseTo(middle, 0)
    const [name, work] = lines.map(([, , , y]) => Number(y))
    expect(Number(work) - Number(name)).toBeGreaterThan(1.4 * 9)
  })

  it('begins a new column where the shape changes when one would be too high', () => {
    // 30 boxes are more than 24, so two columns; the shape changes after 20
    const { edges = [] } = graphOf(
      chain(30, (place) => (place < 20 ? [8] : [4])),
      'chain',
    )
    const across = edges.filter(({ attributes }) => attributes?.constraint === false)
    expect(across.map(({ tail, head }) => [tail, head])).toEqual([['19', '20']])
  })

  it('leaves a network in one column that is not too high', () => {
    const { edges = [] } = graphOf(
      chain(24, (place) => [place]),
      'chain',
    )
    expect(edges.every(({ attributes }) => attributes?.constraint === true)).toBe(true)
  })
})

/** The texts of an SVG, as they are written there. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) =>
    text
      .replaceAll(/&#160;|\u00a0/g, ' ')
      .replaceAll('&#45;', '-')
      .trim(),
  )
}

function smallNetwork(): tf.LayersModel {
  const image = tf.input({ shape: [8, 8, 3], name: 'image' })
  const layers = [
    tf.layers.conv2d({ name: 'conv', filters: 4, kernelSize: 3, strides: 2 }), // 3 * 9 * 4 + 4
    tf.layers.dropout({ name: 'dropout', rate: 0.25 }),
  ]
  const output = layers.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, image)
  return tf.model({ inputs: image, outputs: output })
}

function chain(count: number, shapeOf: (place: number) => number[]): Drawing {
  const names = Array.from({ length: count }, (_, place) => String(place))
  return {
    boxes: names.map((name, place) => ({ name, works: [], parameters: 0, shape: shapeOf(place), isSum: false })),
    arrows: names.slice(1).map((to, place) => ({ from: String(place), to, shape: shapeOf(place) })),
  }
}
