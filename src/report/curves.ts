import type { TopLevelSpec } from 'vega-lite'
import type { HistoryRow } from '../scores/history.ts'
import { COLORS, FRAME, type Panel, PERCENT_LABELS, STYLE, titleText } from './panels.ts'

/** Titles of what a curve may show over the epochs, as axes and controls have them. */
export const SCORE_TITLES = { accuracy: 'accuracy', loss: 'loss (nats)', macro_f1: 'F1 (validation)' } as const
export type CurveScore = keyof typeof SCORE_TITLES

const COLUMNS = {
  accuracy: { training: 'accuracy', validation: 'validation_accuracy' },
  loss: { training: 'loss', validation: 'validation_loss' },
  macro_f1: { validation: 'validation_macro_f1' },
} as const satisfies Readonly<Record<CurveScore, Readonly<Record<string, keyof HistoryRow>>>>

/** The learning curves of one configuration. */
export interface Curves {
  readonly name: string
  readonly history: readonly HistoryRow[]
  readonly bestEpoch: number
  /** How training ended. */
  readonly ending: string
}

/** A point of a curve. */
export interface CurvePoint {
  readonly configuration: string
  readonly series: string
  readonly epoch: number
  readonly value: number
  /** Whether the weights of this epoch are kept; of validation alone. */
  readonly kept: boolean
}

/** The points of a score of one configuration; values that are not numbers are left out by the chart. */
export function curvePoints(score: CurveScore, { name, history, bestEpoch }: Omit<Curves, 'ending'>): CurvePoint[] {
  return Object.entries(COLUMNS[score]).flatMap(([series, column]) =>
    history.map((row) => ({
      configuration: name,
      series,
      epoch: row.epoch,
      value: row[column],
      kept: series !== 'training' && row.epoch === bestEpoch,
    })),
  )
}

const SERIES = {
  field: 'series',
  type: 'nominal',
  scale: {
    domain: ['training', 'validation', SCORE_TITLES.macro_f1],
    range: [COLORS.blue, COLORS.orange, COLORS.green],
  },
}

/** Loss, and accuracy with F1, over the epochs of one configuration. */
export function curvesFigure(curves: Curves): TopLevelSpec {
  const { name, history, bestEpoch, ending } = curves
  const panel = (score: CurveScore, points: readonly CurvePoint[], title: string = SCORE_TITLES[score]) => ({
    width: 330,
    height: 220,
    data: { values: points },
    ...curvesPanel(history.length, SERIES, yAxis(score, title)),
  })
  // F1 comes first, so that accuracy, which it often equals, is drawn over it.
  const f1 = curvePoints('macro_f1', curves).map((point) => ({ ...point, series: SCORE_TITLES.macro_f1, kept: false }))
  return {
    ...FRAME,
    title: { text: titleText(name), subtitle: [`ring: epoch ${bestEpoch}, whose weights are kept`, ending] },
    spacing: 32,
    concat: [
      panel('loss', curvePoints('loss', curves)),
      panel('accuracy', [...f1, ...curvePoints('accuracy', curves)], 'accuracy, F1'),
    ] as Panel[],
    config: STYLE,
  }
}

/** One score of several configurations, each in a colour of its own; the page hands in the points as the data set `rows`. */
export function curvesChart(score: CurveScore, configurations: readonly string[], colors: readonly string[]) {
  const scale = { domain: configurations, range: configurations.map((_, place) => colors[place % colors.length]) }
  const color = { field: 'configuration', type: 'nominal', scale, legend: null }
  const { encoding, layer } = curvesPanel(DOTTED_EPOCHS, color, yAxis(score))
  const format = score === 'accuracy' ? '.1%' : '.3f'
  return {
    height: 300,
    data: { name: 'rows', values: [] },
    encoding: {
      ...encoding,
      tooltip: [
        { field: 'configuration', type: 'nominal' },
        { field: 'series', type: 'nominal' },
        { field: 'epoch', type: 'quantitative' },
        { field: 'value', type: 'quantitative', title: SCORE_TITLES[score], format },
      ],
    },
    layer: [...layer, { mark: { type: 'point', size: 220, filled: true, opacity: 0 } }], // what the pointer finds
  }
}

/** Loss from 0 up, other scores up to 1. */
function yAxis(score: CurveScore, title: string = SCORE_TITLES[score]) {
  return score === 'loss'
    ? { scale: { zero: true, nice: true }, axis: { title } }
    : { scale: { zero: false, nice: true, domainMax: 1 }, axis: { title, labelExpr: PERCENT_LABELS } }
}

/** Epochs up to which each one gets a dot. */
const DOTTED_EPOCHS = 20

/** Lines over the epochs, training dotted, with a ring where the weights are kept. */
function curvesPanel(epochs: number, color: object, y: ReturnType<typeof yAxis>) {
  const dashes = [
    [2, 4],
    [1, 0],
    [6, 3],
  ]
  const strokeDash = { ...SERIES, scale: { domain: SERIES.scale.domain, range: dashes } }
  return {
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        scale: { nice: false, zero: false, padding: epochs <= DOTTED_EPOCHS ? 8 : 4 },
        axis: { title: 'epoch', format: 'd', tickMinStep: 1, tickCount: 8, grid: false },
      },
      y: { field: 'value', type: 'quantitative', ...y },
      color,
    },
    layer: [
      {
        mark: { type: 'line', strokeWidth: 2, tooltip: null },
        encoding: { strokeDash: 'legend' in color ? { ...strokeDash, legend: null } : strokeDash },
      },
      {
        mark: { type: 'point', size: 90, filled: false, strokeWidth: 2, tooltip: null },
        transform: [{ filter: 'datum.kept' }],
      },
    ],
  }
}
