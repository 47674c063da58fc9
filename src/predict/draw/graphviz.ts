import type { Attributes, Edge, Graph, Node } from '@viz-js/viz'
import type { Arrow, Box, Drawing } from './blocks.ts'

/**
 * A drawing as Graphviz takes it, from the top to the bottom: boxes with what they do and their parameters, arrows with the
 * shape of what goes along, and shortcuts in another colour.
 */
export function graphOf({ boxes, arrows }: Drawing, title: string): Graph {
  const columns = columnsOf(boxes)
  return {
    graphAttributes: {
      label: padded(title.replaceAll('\\', '\\\\')),
      labelloc: 't',
      fontname: FONT,
      fontsize: 14,
      fontcolor: INK,
      bgcolor: '#ffffff',
      pad: 0.25,
      nodesep: 0.3,
      ranksep: 0.22,
    },
    nodeAttributes: {
      fontname: FONT,
      fontsize: 11,
      fontcolor: INK,
      color: LINES,
      style: 'filled',
      fillcolor: '#f6f8fa',
    },
    edgeAttributes: { fontname: FONT, fontsize: 9, fontcolor: QUIET, color: QUIET, arrowsize: 0.6 },
    nodes: boxes.map(nodeOf),
    edges: arrows.map((arrow) => edgeOf(arrow, columns.get(arrow.from) === columns.get(arrow.to))),
  }
}

const FONT = 'Helvetica,Arial,sans-serif'
const INK = '#1f2328'
const QUIET = '#59636e'
const LINES = '#d1d9e0'
const SHORTCUT = '#d55e00'

/** Whoever shows the drawing may have a wider font than Graphviz reckons with: hence room. */
const MARGIN = '\u00a0'.repeat(4)

/** The column of each box: one as a rule, more where it would be too high to look at; it breaks where the shape changes. */
function columnsOf(boxes: readonly Box[]): ReadonlyMap<string, number> {
  const columns = Math.ceil(boxes.length / HIGHEST)
  let column = 0
  let above = 0
  return new Map(
    boxes.map(({ name, shape, isSum }, index) => {
      const changes = !isSum && String(shape) !== String(boxes[index - 1]?.shape)
      if (changes && column < columns - 1 && above >= (0.85 * boxes.length) / columns) {
        column++
        above = 0
      }
      above++
      return [name, column]
    }),
  )
}

/** Boxes, sums included. */
const HIGHEST = 24

function nodeOf(box: Box): Node {
  if (box.isSum) return { name: box.name, attributes: SUM }
  const details = [...wrap(box.works), ...parametersOf(box)]
  const rows = [`<b>${escapeHtml(box.name)}</b>`, ...details.map(small)].map((line) => `<tr><td>${line}</td></tr>`)
  const html = `<table border="0" cellborder="0" cellspacing="0" cellpadding="1.5">${rows.join('')}</table>`
  const width = Math.max(box.name.length * 0.11, ...details.map((text) => text.length * 0.082)) + 0.15
  return { name: box.name, attributes: { shape: 'box', margin: '0.1,0.06', width, label: { html } } }
}

const SUM: Attributes = {
  shape: 'circle',
  label: '+',
  width: 0.24,
  fixedsize: true,
  fontsize: 13,
  fillcolor: '#ffffff',
}

function parametersOf({ parameters }: Box): string[] {
  return parameters === 0 ? [] : [`${parameters.toLocaleString('en-US')} parameters`]
}

function edgeOf({ from, to, shape, shortcut }: Arrow, isWithinColumn: boolean): Edge {
  const around = shortcut === undefined ? {} : { color: SHORTCUT, fontcolor: SHORTCUT, weight: 1 }
  const label = padded(shortcut === undefined ? shape.join(' x ') : shortcut.join(', '))
  return { tail: from, head: to, attributes: { weight: 10, label, constraint: isWithinColumn, ...around } }
}

function padded(text: string): string {
  return text === '' ? '' : `${MARGIN}${text}${MARGIN}`
}

function small(text: string): string {
  return `<font point-size="9" color="${QUIET}">${escapeHtml(text)}</font>`
}

const WIDTH = 44

/** Words one after the other, in lines of that many letters at most, where no word is longer. */
function wrap(works: readonly string[]): string[] {
  const lines: string[] = []
  for (const work of works) {
    const last = lines.at(-1)
    if (last === undefined || last.length + work.length > WIDTH) lines.push(work)
    else lines[lines.length - 1] = `${last}, ${work}`
  }
  return lines
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
