/** An image of a batch: what it is, and what a network says of it. */
export interface SheetCell {
  readonly id: string
  readonly label: string
  readonly predicted: string
  readonly probability: number
  /** As a file of PNG. */
  readonly png: Uint8Array
}

/** Images of a batch with their labels and what the network says in the end, as SVG that needs no other file. */
export function drawBatch(
  cells: readonly SheetCell[],
  { title, lines }: { title: string; lines: readonly string[] },
): string {
  const top = EDGE + 24 + 18 * lines.length
  const width = 2 * EDGE + ACROSS * STEP.x - GAP
  const height = top + Math.ceil(cells.length / ACROSS) * STEP.y + EDGE - GAP
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica,Arial,sans-serif" font-size="12" fill="#1f2328">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${EDGE}" y="${EDGE + 12}" font-size="16" font-weight="bold">${escapeXml(title)}</text>`,
    ...lines.map((line, i) => `<text x="${EDGE}" y="${EDGE + 32 + 18 * i}" fill="#59636e">${escapeXml(line)}</text>`),
    ...cells.map((cell, place) =>
      drawCell(cell, EDGE + (place % ACROSS) * STEP.x, top + Math.floor(place / ACROSS) * STEP.y),
    ),
    '</svg>\n',
  ].join('\n')
}

const ACROSS = 8
const SIDE = 112
const GAP = 12
const EDGE = 20
const STEP = { x: SIDE + GAP, y: SIDE + 34 + GAP } as const
const RIGHT = '#1a7f37'
const WRONG = '#d55e00'

function drawCell({ id, label, predicted, probability, png }: SheetCell, x: number, y: number): string {
  const says = `${label === predicted ? '✓' : '✗'} ${predicted} ${(100 * probability).toFixed(0)} %`
  return [
    `<g><title>${escapeXml(id)}</title>`,
    `<image x="${x}" y="${y}" width="${SIDE}" height="${SIDE}" href="data:image/png;base64,${Buffer.from(png).toString('base64')}"/>`,
    `<text x="${x}" y="${y + SIDE + 14}" font-weight="bold">${escapeXml(label)}</text>`,
    `<text x="${x}" y="${y + SIDE + 29}" fill="${label === predicted ? RIGHT : WRONG}">${escapeXml(says)}</text></g>`,
  ].join('')
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
