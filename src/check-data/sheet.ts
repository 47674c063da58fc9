import { encodePng } from '../images/encode.ts'
import type { OneBatch } from './batch.ts'

const MAX_SIDE = 224

/** The cells of a batch, class by class, so that a wrong label stands out; `probabilities` is `[N][K]`. */
export async function sheetCells(
  { pixels, labels, ids, inputShape }: OneBatch,
  classes: readonly string[],
  probabilities: readonly (readonly number[])[],
) {
  const size = inputShape[0] ?? 0
  const order = [...labels.keys()].sort((a, b) => (labels[a] ?? 0) - (labels[b] ?? 0))
  const cells = order.map(async (place) => {
    const row = probabilities[place] ?? []
    const probability = Math.max(...row)
    const image = pixels.subarray(place * size * size * 3, (place + 1) * size * size * 3)
    return {
      id: ids[place] ?? '',
      label: classes[labels[place] ?? 0] ?? '',
      predicted: classes[row.indexOf(probability)] ?? 'nothing',
      probability,
      png: await encodePng(image, size, MAX_SIDE),
    }
  })
  return Promise.all(cells)
}

type SheetCell = Awaited<ReturnType<typeof sheetCells>>[number]

const COLUMNS = 8
const SIDE = 112
const GAP = 12
const EDGE = 20
const STEP = { x: SIDE + GAP, y: SIDE + 34 + GAP } as const
const CORRECT = '#1a7f37'
const WRONG = '#d55e00'

export function drawSheet(
  cells: readonly SheetCell[],
  { title, lines }: { title: string; lines: readonly string[] },
): string {
  const top = EDGE + 24 + 18 * lines.length
  const width = 2 * EDGE + COLUMNS * STEP.x - GAP
  const height = top + Math.ceil(cells.length / COLUMNS) * STEP.y + EDGE - GAP
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica,Arial,sans-serif" font-size="12" fill="#1f2328">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${EDGE}" y="${EDGE + 12}" font-size="16" font-weight="bold">${escapeXml(title)}</text>`,
    ...lines.map((line, i) => `<text x="${EDGE}" y="${EDGE + 32 + 18 * i}" fill="#59636e">${escapeXml(line)}</text>`),
    ...cells.map((cell, place) =>
      drawCell(cell, EDGE + (place % COLUMNS) * STEP.x, top + Math.floor(place / COLUMNS) * STEP.y),
    ),
    '</svg>\n',
  ].join('\n')
}

function drawCell({ id, label, predicted, probability, png }: SheetCell, x: number, y: number): string {
  const isCorrect = label === predicted
  const prediction = `${isCorrect ? '✓' : '✗'} ${predicted} ${(100 * probability).toFixed(0)} %`
  return [
    `<g><title>${escapeXml(id)}</title>`,
    `<image x="${x}" y="${y}" width="${SIDE}" height="${SIDE}" href="data:image/png;base64,${Buffer.from(png).toString('base64')}"/>`,
    `<text x="${x}" y="${y + SIDE + 14}" font-weight="bold">${escapeXml(label)}</text>`,
    `<text x="${x}" y="${y + SIDE + 29}" fill="${isCorrect ? CORRECT : WRONG}">${escapeXml(prediction)}</text></g>`,
  ].join('')
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
