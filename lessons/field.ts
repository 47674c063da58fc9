import { COLORS, INK, type Layer } from '../src/report/panels.ts'
import type { Example } from './classifier.ts'
import { dots, segments } from './marks.ts'

/** Values over a square: `values[row · cells + column]` is the value at the centre of a cell, rows from the bottom. */
export interface Field {
  readonly values: ArrayLike<number>
  /** Number of cells along a side. */
  readonly cells: number
  /** Limits of both axes. */
  readonly domain: readonly [number, number]
}

/** Shades from blue (0) through white (0.5) to orange (1). */
const SHADES = ['#9ccbe6', '#b5d8ed', '#cee5f3', '#e6f2f9', '#ffffff', '#fdece0', '#fad9c1', '#f8c6a2', '#f5b383']

/** Probabilities as shades, and the line where they are 0.5. */
export function fieldLayers(field: Field): Layer[] {
  return [shades(field), segments(boundary(field), INK)]
}

/** Examples as marks: class 0 as blue circles, class 1 as orange squares. */
export function exampleLayers(examples: readonly Example[], size: number): Layer[] {
  return [
    dots(
      examples.filter(({ label }) => label === 0),
      { color: COLORS.blue, size },
    ),
    dots(
      examples.filter(({ label }) => label === 1),
      { color: COLORS.orange, shape: 'square', size },
    ),
  ]
}

/** Neighbouring cells of the same shade in a row are drawn as one rectangle. */
function shades(field: Field): Layer {
  const { cells, domain } = field
  const edge = (place: number): number => domain[0] + (place * (domain[1] - domain[0])) / cells
  const values: { x: number; x2: number; y: number; y2: number; color: string }[] = []
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const color = shadeOf(valueAt(field, row, column))
      const before = values.at(-1)
      if (column > 0 && before?.color === color) before.x2 = edge(column + 1)
      else values.push({ x: edge(column), x2: edge(column + 1), y: edge(row), y2: edge(row + 1), color })
    }
  }
  return {
    data: { values },
    mark: { type: 'rect' },
    encoding: {
      x2: { field: 'x2' },
      y2: { field: 'y2' },
      color: { field: 'color', type: 'nominal', scale: null },
    },
  }
}

function shadeOf(value: number): string {
  return SHADES[Math.min(SHADES.length - 1, Math.floor(value * SHADES.length))] ?? INK
}

/**
 * Where the values cross 0.5, as line segments: marching squares between the centres of the cells.
 *
 * A square with crossings on all four sides gets two segments, joined in the order of its sides.
 */
export function boundary(field: Field): { x: number; y: number; x2: number; y2: number }[] {
  const { cells, domain } = field
  const centre = (place: number): number => domain[0] + ((place + 0.5) * (domain[1] - domain[0])) / cells
  const found: { x: number; y: number; x2: number; y2: number }[] = []
  for (let row = 0; row + 1 < cells; row++) {
    for (let column = 0; column + 1 < cells; column++) {
      const corners = [
        [row, column],
        [row, column + 1],
        [row + 1, column + 1],
        [row + 1, column],
      ] as const
      const crossings = corners.flatMap(([r, c], i) => {
        const [r2, c2] = corners[(i + 1) % 4] ?? corners[0]
        const [from, to] = [valueAt(field, r, c) - 0.5, valueAt(field, r2, c2) - 0.5]
        if (from < 0 === to < 0) return []
        const share = from / (from - to)
        return [{ x: centre(c + share * (c2 - c)), y: centre(r + share * (r2 - r)) }]
      })
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const [start, end] = [crossings[i], crossings[i + 1]]
        if (start && end) found.push({ ...start, x2: end.x, y2: end.y })
      }
    }
  }
  return found
}

function valueAt({ values, cells }: Field, row: number, column: number): number {
  return values[row * cells + column] ?? Number.NaN
}
