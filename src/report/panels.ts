import type { TopLevelSpec } from 'vega-lite'

/** A chart of panels side by side. */
export type Figure = Extract<TopLevelSpec, { concat: unknown }>
export type Panel = Figure['concat'][number]
/** One drawing of a panel; those that come later lie on top. */
export type Layer = Extract<Panel, { layer: unknown }>['layer'][number]

/** An axis from `domain[0]` to `domain[1]`, which are more than 0 where it is logarithmic. */
export interface Axis {
  readonly title: string
  readonly domain: readonly [number, number]
  readonly log?: boolean
  readonly grid?: boolean
  /** The only places with a label. */
  readonly ticks?: readonly number[]
}

interface PanelParts {
  readonly title: string
  readonly subtitle?: string
  readonly x: Axis
  readonly y: Axis
  /** In pixels. */
  readonly size: { readonly width: number; readonly height: number }
  readonly layers: readonly Layer[]
  /** A line around it, for what has no grid. */
  readonly framed?: boolean
}

/** Colours of Okabe and Ito, which colour-blind people tell apart. Source: https://jfly.uni-koeln.de/color/ */
export const COLORS = { blue: '#0072b2', orange: '#d55e00', green: '#009e73' } as const
export const INK = '#1f2328'
export const QUIET = '#59636e'
export const LINES = '#d1d9e0'
export const PAPER = '#ffffff'
/** An axis of fractions, labelled in percent. */
export const PERCENT_LABELS = "format(datum.value * 100, '~g') + ' %'"

/** A plot has a background of its own, so that it reads in any theme. */
export const FRAME = { background: PAPER, padding: 16 } as const

export const PANEL_TITLE = { fontSize: 13, subtitleFontSize: 12, offset: 8 } as const

/** The look of every chart. */
export const STYLE = {
  font: 'sans-serif',
  aria: false,
  view: { stroke: null },
  title: { anchor: 'start', color: INK, subtitleColor: QUIET, fontSize: 16, subtitleFontSize: 13, offset: 14 },
  axis: { labelColor: QUIET, titleColor: INK, gridColor: LINES, domainColor: LINES, tickColor: LINES },
  axisX: { labelFlush: false },
  axisY: { domain: false, ticks: false, labelPadding: 8 },
  legend: { title: null, orient: 'top', labelColor: INK, labelFontSize: 12, labelLimit: 0, symbolType: 'stroke' },
} as const satisfies TopLevelSpec['config']

/** A name as the title of a chart: Vega looks the text up among its own, where it finds `constructor`. */
export function titleText(name: string): { readonly expr: string } {
  return { expr: `slice(${JSON.stringify(`=${name}`)}, 1)` }
}

/**
 * Panels in rows of `columns`.
 *
 * Without a browser, Vega takes a letter to be wide (0.8 of its size), so a title that is much longer than its panels makes
 * the chart wider than need be.
 */
export function figure(
  text: { readonly title: string | ReturnType<typeof titleText>; readonly subtitle: string | readonly string[] },
  panels: readonly Panel[],
  columns = panels.length,
): Figure {
  return {
    ...FRAME,
    title: { text: text.title, subtitle: typeof text.subtitle === 'string' ? text.subtitle : [...text.subtitle] },
    columns,
    spacing: { row: 24, column: 28 },
    concat: [...panels],
    config: STYLE,
  }
}

/** Layers over one pair of axes; what lies outside of them is cut off. */
export function panel({ title, subtitle = '', x, y, size, layers, framed = false }: PanelParts): Panel {
  return {
    ...size,
    view: { stroke: framed ? LINES : null },
    title: { text: title, subtitle, ...PANEL_TITLE },
    encoding: { x: channel('x', x), y: channel('y', y) },
    layer: [...layers],
  }
}

function channel<Field extends 'x' | 'y'>(field: Field, { title, domain, log = false, grid = true, ticks }: Axis) {
  return {
    field,
    type: 'quantitative' as const,
    scale: { domain: [...domain], nice: false, ...(log ? { type: 'log' as const } : { zero: false }) },
    axis: {
      title: title === '' ? null : title,
      grid,
      tickCount: 6,
      labelExpr: "format(datum.value, '~r')",
      ...(ticks ? { values: [...ticks] } : {}),
    },
  }
}
