import { integer, type Rng, seededRng } from '../../src/core/random.ts'
import type { Frame } from '../../src/images/resize.ts'

const WIDTH = 240
const HEIGHT = 320
/** Segments of a digit that are lit: top, left and right above, middle, left and right below, bottom. */
const SEGMENTS = [0x77, 0x24, 0x5d, 0x6d, 0x2e, 0x6b, 0x7b, 0x25, 0x7f, 0x6f]

/** A filled-in form: the same letterhead and fields for each number, with other digits in them. */
export function drawForm(number: number): Frame {
  const canvas = openCanvas(245)
  const rng = seededRng(number, 'form')
  canvas.fill(20, 16, 60, 34, 60)
  for (let line = 0; line < 3; line++) canvas.fill(150, 18 + 12 * line, 70 - 10 * line, 4, 120)
  canvas.fill(20, 62, 200, 3, 30)
  for (let field = 0; field < 7; field++) {
    const top = 80 + 32 * field
    canvas.fill(20, top, 46 + ((field * 17) % 30), 6, 110)
    canvas.fill(110, top + 20, 110, 2, 80)
    for (let place = 0; place < 6; place++) {
      drawDigit(canvas, integer(rng, 0, 9), { left: 114 + 17 * place, top, width: 11, height: 17 })
    }
  }
  return canvas.frame
}

/** A bottle before a wall: the same for each number, with another label on it. */
export function drawBottle(number: number): Frame {
  const canvas = openCanvas(200)
  const rng = seededRng(number, 'bottle')
  canvas.fill(0, 262, WIDTH, 58, 130)
  canvas.fill(102, 30, 36, 16, 50)
  canvas.fill(106, 46, 28, 60, 80)
  for (let row = 0; row < 30; row++) canvas.fill(106 - row, 106 + row, 28 + 2 * row, 1, 80)
  canvas.fill(76, 136, 88, 140, 80)
  canvas.fill(84, 112, 6, 150, 170)
  canvas.fill(80, 160, 80, 80, 235)
  drawLabel(canvas, rng)
  return canvas.frame
}

function drawLabel(canvas: Canvas, rng: Rng): void {
  const dark = integer(rng, 20, 120)
  canvas.fill(84, integer(rng, 164, 180), 72, integer(rng, 4, 12), dark)
  for (let line = 0; line < 5; line++) {
    const left = 86 + integer(rng, 0, 20)
    canvas.fill(left, 190 + 9 * line, integer(rng, 10, 150 - left), integer(rng, 2, 6), integer(rng, 20, 150))
  }
}

interface Canvas {
  readonly frame: Frame
  fill(left: number, top: number, width: number, height: number, grey: number): void
}

function openCanvas(background: number): Canvas {
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3).fill(background)
  return {
    frame: { pixels, width: WIDTH, height: HEIGHT },
    fill: (left, top, width, height, grey) => {
      for (let y = top; y < top + height; y++) {
        pixels.fill(grey, (y * WIDTH + left) * 3, (y * WIDTH + left + width) * 3)
      }
    },
  }
}

function drawDigit(
  canvas: Canvas,
  digit: number,
  { left, top, width, height }: Record<'left' | 'top' | 'width' | 'height', number>,
): void {
  const [thick, half] = [3, Math.floor(height / 2)]
  const boxes = [
    [0, 0, width, thick],
    [0, 0, thick, half],
    [width - thick, 0, thick, half],
    [0, half - 1, width, thick],
    [0, half, thick, half],
    [width - thick, half, thick, half],
    [0, height - thick, width, thick],
  ] as const
  for (const [segment, [x, y, wide, high]] of boxes.entries()) {
    if (((SEGMENTS[digit] ?? 0) >> segment) & 1) canvas.fill(left + x, top + y, wide, high, 20)
  }
}
