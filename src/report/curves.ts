import type { TopLevelSpec } from 'vega-lite'
import type { HistoryRow } from '../training/history.ts'

/** The learning curves of one configuration. */
export interface Curves {
  readonly name: string
  readonly history: readonly HistoryRow[]
  readonly bestEpoch: number
}

type Panel = Extract<TopLevelSpec, { hconcat: unknown }>['hconcat'][number]

/** Epochs up to which each one gets a dot. */
const DOTTED_EPOCHS = 40
const TRAINING = 'training'
const VALIDATION = 'validation'
/** Blue and orange of Okabe and Ito, which colour-blind people tell apart. Source: https://jfly.uni-koeln.de/color/ */
const COLORS = ['#0072b2', '#d55e00']
const PERCENT = "format(datum.value * 100, '~g') + ' %'"
const INK = '#1f2328'
const QUIET = '#59636e'
const LINES = '#d1d9e0'

/** Loss and accuracy over the epochs as a Vega-Lite chart; it has a background of its own, so it reads in any theme. */
export function curvesSpec(curves: Curves): TopLevelSpec {
  const { name, history, bestEpoch } = curves
  return {
    background: '#ffffff',
    padding: 16,
    title: { text: name, subtitle: `dashed: epoch ${bestEpoch}, whose weights are kept` },
    data: { values: history.flatMap(longRows) },
    hconcat: [
      panel(curves, 'loss', { title: 'loss (nats)' }, { zero: true }),
      panel(curves, 'accuracy', { title: 'accuracy', labelExpr: PERCENT }, { zero: false, domainMax: 1 }),
    ],
    config: {
      font: 'sans-serif',
      aria: false,
      view: { stroke: null },
      concat: { spacing: 32 },
      title: { anchor: 'start', color: INK, fontSize: 15, subtitleColor: QUIET, subtitleFontSize: 12, offset: 12 },
      axis: { labelColor: QUIET, titleColor: INK, gridColor: LINES, domainColor: LINES, tickColor: LINES },
      axisX: { grid: false, labelFlush: false },
      axisY: { domain: false, ticks: false, labelPadding: 8 },
      legend: { title: null, orient: 'top', labelColor: INK, labelFontSize: 12, symbolType: 'stroke' },
    },
  }
}

function panel(
  { history, bestEpoch }: Curves,
  score: 'loss' | 'accuracy',
  axis: { readonly title: string; readonly labelExpr?: string },
  scale: { readonly zero: boolean; readonly domainMax?: number },
): Panel {
  const last = history.at(-1)?.epoch ?? 1
  // One epoch alone stands in the middle.
  const domain = last > 1 ? [1, last] : [0.5, 1.5]
  return {
    width: 330,
    height: 220,
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        scale: { domain, nice: false, padding: 10 },
        axis: { title: 'epoch', format: 'd', tickMinStep: 1, tickCount: 8 },
      },
    },
    layer: [
      { data: { values: [{ epoch: bestEpoch }] }, mark: { type: 'rule', strokeDash: [4, 4], color: QUIET } },
      {
        mark: { type: 'line', strokeWidth: 2, point: history.length <= DOTTED_EPOCHS ? { size: 24 } : false },
        encoding: {
          y: { field: score, type: 'quantitative', scale: { nice: true, ...scale }, axis },
          color: { field: 'series', type: 'nominal', scale: { domain: [TRAINING, VALIDATION], range: COLORS } },
        },
      },
    ],
  }
}

function longRows({ epoch, loss, accuracy, validation_loss, validation_accuracy }: HistoryRow) {
  return [
    { epoch, series: TRAINING, loss, accuracy },
    { epoch, series: VALIDATION, loss: validation_loss, accuracy: validation_accuracy },
  ]
}
