import type { TopLevelSpec } from 'vega-lite'
import type { HistoryRow } from '../scores/history.ts'
import { COLORS, FRAME, type Panel, PERCENT_LABELS, STYLE } from './panels.ts'

/** What a curve may show over the epochs. */
export type CurveScore = 'accuracy' | 'loss' | 'macro_f1'

/** A point of a curve. */
export interface CurvePoint {
  readonly configuration: string
  readonly series: string
  readonly epoch: number
  readonly value: number
  /** Whether the weights of this epoch are kept; of validation alone. */
  readonly kept: boolean
}

/** Titles of the scores, as axes and controls have them. */
export const SCORE_TITLES: Readonly<Record<CurveScore, string>> = {
  accuracy: 'accuracy',
  loss: 'loss (nats)',
  macro_f1: 'F1',
}

/** The learning curves of one configuration. */
export interface Curves {
  readonly name: string
  readonly history: readonly HistoryRow[]
  readonly bestEpoch: number
  /** How training ended. */
  readonly ending: string
}

/** Epochs up to which each one gets a dot. */
const DOTTED_EPOCHS = 20
const F1 = 'F1 (validation)'
const SERIES = { domain: ['training', 'validation', F1], range: [COLORS.blue, COLORS.orange, COLORS.green] }
const DASHES = { domain: SERIES.domain, range: [[2, 4], [1, 0], [6, 3]] } // biome-ignore format: a pair a series

/** The points of a score of one configuration; values that are not numbers are left out by the chart. */
export function curvePoints(score: CurveScore, { name, history, bestEpoch }: Omit<Curves, 'ending'>): CurvePoint[] {
  const points = (series: string, value: (row: HistoryRow) => number) =>
    history.map((row) => ({
      configuration: name,
      series,
      epoch: row.epoch,
      value: value(row),
      kept: series !== 'training' && row.epoch === bestEpoch,
    }))
  switch (score) {
    case 'macro_f1':
      return points('validation', (row) => row.validation_macro_f1)
    case 'loss':
      return [...points('training', (row) => row.loss), ...points('validation', (row) => row.validation_loss)]
    case 'accuracy':
      return [...points('training', (row) => row.accuracy), ...points('validation', (row) => row.validation_accuracy)]
  }
}

/** Loss, and accuracy with F1, over the epochs of one configuration. */
export function curvesFigure(curves: Curves): TopLevelSpec {
  const loss = curvePoints('loss', curves)
  // F1 comes first, so that accuracy, which it often equals, is drawn over it.
  const f1 = curvePoints('macro_f1', curves).map((point) => ({ ...point, series: F1, kept: false }))
  const shares = [...f1, ...curvePoints('accuracy', curves)]
  const ticks = shareTicks(shares.map(({ value }) => value))
  const color = { field: 'series', type: 'nominal', scale: SERIES } as const
  const size = { width: 330, height: 220 }
  return {
    ...FRAME,
    title: { text: curves.name, subtitle: [`ring: epoch ${curves.bestEpoch}, whose weights are kept`, curves.ending] },
    spacing: 32,
    concat: [
      {
        ...size,
        data: { values: loss },
        ...curvesPanel(curves.history.length, color, {
          scale: { zero: true, nice: true },
          axis: { title: SCORE_TITLES.loss },
        }),
      },
      {
        ...size,
        data: { values: shares },
        ...curvesPanel(curves.history.length, color, {
          scale: { domain: [ticks[0] ?? 0, 1], nice: false },
          axis: { title: 'accuracy, F1', labelExpr: PERCENT_LABELS, values: [...ticks] },
        }),
      },
    ] as Panel[],
    config: STYLE,
  }
}

/** One score of several configurations, each in a colour of its own; the page hands in the points as the data set `rows`. */
export function curvesChart(score: CurveScore, configurations: readonly string[], colors: readonly string[]) {
  const color = {
    field: 'configuration',
    type: 'nominal',
    scale: { domain: [...configurations], range: configurations.map((_, place) => colors[place % colors.length]) },
    legend: null,
  } as const
  const y =
    score === 'loss'
      ? { scale: { zero: true, nice: true }, axis: { title: SCORE_TITLES.loss } }
      : {
          scale: { zero: false, nice: true, domainMax: 1 },
          axis: { title: SCORE_TITLES[score], labelExpr: PERCENT_LABELS },
        }
  const { encoding, layer } = curvesPanel(DOTTED_EPOCHS, color, y)
  return {
    height: 300,
    data: { name: 'rows', values: [] },
    encoding: {
      ...encoding,
      tooltip: [
        { field: 'configuration', type: 'nominal' },
        { field: 'series', type: 'nominal' },
        { field: 'epoch', type: 'quantitative' },
        {
          field: 'value',
          type: 'quantitative',
          title: SCORE_TITLES[score],
          format: score === 'accuracy' ? '.1%' : '.3f',
        },
      ],
    },
    layer: [...layer, { mark: { type: 'point', size: 220, filled: true, opacity: 0 } }], // what the pointer finds
  }
}

/** Lines over the epochs, training dotted, with a ring where the weights are kept. */
function curvesPanel(epochs: number, color: object, y: { readonly scale: object; readonly axis: object }) {
  const dotted = epochs <= DOTTED_EPOCHS
  return {
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        scale: { nice: false, zero: false, padding: dotted ? 8 : 4 },
        axis: { title: 'epoch', format: 'd', tickMinStep: 1, tickCount: 8, grid: false },
      },
      y: { field: 'value', type: 'quantitative', ...y },
      color,
    },
    layer: [
      {
        mark: { type: 'line', strokeWidth: 2, tooltip: null },
        encoding: {
          strokeDash: {
            field: 'series',
            type: 'nominal',
            scale: DASHES,
            ...('legend' in color ? { legend: null } : {}),
          },
        },
      },
      {
        mark: { type: 'point', size: 90, filled: false, strokeWidth: 2, tooltip: null },
        transform: [{ filter: 'datum.kept' }],
      },
    ],
  }
}

/** Steps of an axis of fractions, in hundredths. */
const STEPS = [1, 2, 5, 10, 20]
const MOST_STEPS = 6

/** The labels of an axis of fractions: from below all values up to 1; NaN is left out. */
export function shareTicks(shares: readonly number[]): readonly number[] {
  const least = Math.min(0.99, ...shares.filter(Number.isFinite))
  const below = (step: number) => Math.floor((100 * least) / step) * step
  const step = STEPS.find((each) => (100 - below(each)) / each <= MOST_STEPS) ?? 20
  const count = (100 - below(step)) / step
  return Array.from({ length: count + 1 }, (_, i) => (below(step) + i * step) / 100)
}
