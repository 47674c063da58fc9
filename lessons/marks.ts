import { INK, type Layer } from '../src/report/panels.ts'

/** A place in a panel, in the units of its axes. */
export interface Place {
  readonly x: number
  readonly y: number
}

/** A line through places in order, clipped to the panel. */
export function line(
  places: readonly Place[],
  { color, dashed = false, width = 2 }: { readonly color: string; readonly dashed?: boolean; readonly width?: number },
): Layer {
  return {
    data: { values: places.map((place, order) => ({ ...place, order })) },
    mark: { type: 'line', clip: true, color, strokeWidth: width, ...(dashed ? { strokeDash: [5, 4] } : {}) },
    encoding: { order: { field: 'order', type: 'quantitative' } },
  }
}

/** Line segments, each from `x`, `y` to `x2`, `y2`. */
export function segments(
  ends: readonly (Place & { readonly x2: number; readonly y2: number })[],
  color: string,
): Layer {
  return {
    data: { values: [...ends] },
    mark: { type: 'rule', clip: true, color, strokeWidth: 2, strokeCap: 'round' },
    encoding: { x2: { field: 'x2' }, y2: { field: 'y2' } },
  }
}

/** A mark at each place. */
export function dots(
  places: readonly Place[],
  look: {
    readonly color: string
    readonly shape?: 'circle' | 'square'
    readonly size?: number
    readonly hollow?: boolean
  },
): Layer {
  const { color, shape = 'circle', size = 60, hollow = false } = look
  return {
    data: { values: [...places] },
    mark: {
      type: 'point',
      shape,
      size,
      opacity: 1,
      fill: hollow ? '#ffffff' : color,
      stroke: hollow ? color : '#ffffff',
      strokeWidth: hollow ? 2 : 1,
    },
  }
}

/** A label beside a place. */
export function caption(
  place: Place & { readonly text: string },
  look: {
    readonly color?: string
    readonly align?: 'left' | 'center' | 'right'
    readonly dx?: number
    readonly dy?: number
  },
): Layer {
  const { color = INK, align = 'left', dx = 0, dy = 0 } = look
  return {
    data: { values: [place] },
    mark: { type: 'text', color, align, dx, dy, fontSize: 12 },
    encoding: { text: { field: 'text', type: 'nominal' } },
  }
}
