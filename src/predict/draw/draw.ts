import type { tf } from '../../tensorflow/raw.ts'
import { drawBlocks } from './blocks.ts'
import { graphOf } from './graphviz.ts'
import { drawnLayers } from './layers.ts'

/** A network as SVG: block by block where its layers' names tell blocks, else layer by layer. */
export async function drawNetwork(model: tf.LayersModel, title: string): Promise<string> {
  const { instance } = await import('@viz-js/viz') // Graphviz, which few commands need
  const viz = await instance()
  return centred(viz.renderString(graphOf(drawBlocks(drawnLayers(model)), title), { format: 'svg' }))
}

/**
 * The lines of each box in its middle, however wide the font is of whoever shows the drawing: Graphviz says where a line with
 * fonts of its own begins, by the width that it reckons with.
 */
function centred(svg: string): string {
  return svg.replace(/class="node">[\s\S]*?<\/g>/g, (box) => {
    const points = /<polygon [^>]*points="([^"]+)"/.exec(box)?.[1]
    if (points === undefined) return box // a circle has its sign in the middle
    const xs = points.split(' ').map((point) => Number(point.split(',')[0]))
    const middle = (Math.min(...xs) + Math.max(...xs)) / 2
    return box.replace(/text-anchor="start" x="[^"]*"/g, `text-anchor="middle" x="${middle.toFixed(2)}"`)
  })
}
