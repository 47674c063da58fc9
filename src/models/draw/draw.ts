import type { tf } from '../../tensorflow/runtime.ts'
import { drawBlocks } from './blocks.ts'
import { graphOf } from './graphviz.ts'
import { drawnLayers } from './layers.ts'

/** A network as SVG: block by block where its layers' names tell blocks, else layer by layer. */
export async function drawNetwork(model: tf.LayersModel, title: string): Promise<string> {
  const { instance } = await import('@viz-js/viz') // Graphviz, which few commands need
  const viz = await instance()
  return viz.renderString(graphOf(drawBlocks(drawnLayers(model)), title), { format: 'svg' })
}
