import type { TopLevelSpec } from 'vega-lite'

/**
 * A chart as SVG, an element a line, so that a difference can be read.
 *
 * Charts are drawn one after the other: Vega numbers clip paths over all that it draws.
 */
export async function drawSvg(spec: TopLevelSpec): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
  vega.resetSVGDefIds()
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' })
  try {
    const svg = await view.toSVG()
    return `${svg.replaceAll('><', '>\n<')}\n`
  } finally {
    view.finalize()
  }
}
