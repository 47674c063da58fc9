import type { TopLevelSpec } from 'vega-lite'

/** Attributes for screen readers, who do not see into an image; its text stands where it is shown. */
const SPOKEN = / (?:role|aria-[a-z]+)="[^"]*"/g
/** More decimals than a hundredth of a pixel needs, in a tag. */
const LONG_NUMBER = /-?\d+\.\d{3,}(?:e-?\d+)?(?=[^<>]*>)/g

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
    const svg = (await view.toSVG()).replace(SPOKEN, '') // with the decimals, a third of the bytes and no pixel
    const rounded = svg.replace(LONG_NUMBER, (number) => String(Number(Number(number).toFixed(2))))
    return `${rounded.replaceAll('><', '>\n<')}\n`
  } finally {
    view.finalize()
  }
}
