import type { TopLevelSpec } from 'vega-lite'
import { describeEnding, type HistoryRow } from '../scores/history.ts'

/** The learning curves of one configuration. */
export interface Curves {
  readonly name: string
  readonly history: readonly HistoryRow[]
  readonly bestEpoch: number
}

type Panel = Extract<TopLevelSpec, { hconcat: unknown }>['hconcat'][number]

/** Epochs up to which each one gets a dot. */
const DOTTED_EPOCHS = 20
const TRAINING = 'training'
const VALIDATION = 'validation'
const MACRO_F1 = 'F1 (validation)'
/** Blue, orange and green of Okabe and Ito, which colour-blind people tell apart. Source: https://jfly.uni-koeln.de/color/ */
const COLORS = ['#0072b2', '#d55e00', '#009e73']
const SERIES = [TRAINING, VALIDATION, MACRO_F1]
const DASHES = [
  [1, 0],
  [1, 0],
  [3, 3],
]
const PERCENT = "format(datum.value * 100, '~g') + ' %'"
const INK = '#1f2328'
const QUIET = '#59636e'
const LINES = '#d1d9e0'

/** Loss, accuracy and F1 over the epochs as a Vega-Lite chart; it has a background of its own, so it reads in any theme. */
export function curvesSpec(curves: Curves): TopLevelSpec {
  const { name, history, bestEpoch } = curves
  const ticks = shareTicks(history.flatMap(longRows).map(({ accuracy }) => accuracy))
  return {
    background: '#ffffff',
    padding: 16,
    title: { text: name, subtitle: [`dashed: epoch ${bestEpoch}, whose weights are kept`, describeEnding(history)] },
    data: { values: history.flatMap(longRows) },
    hconcat: [
      panel(curves, 'loss', { title: 'loss (nats)' }, { zero: true, nice: true }),
      panel(
        curves,
        'accuracy',
        { title: 'accuracy, F1', labelExpr: PERCENT, values: [...ticks] },
        { domain: [ticks[0] ?? 0, 1], nice: false },
      ),
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
      legend: { title: null, orient: 'top', labelColor: INK, labelFontSize: 12, labelLimit: 0, symbolType: 'stroke' },
    },
  }
}

function panel(
  { history, bestEpoch }: Curves,
  score: 'loss' | 'accuracy',
  axis: { readonly title: string; readonly labelExpr?: string; readonly values?: number[] },
  scale: { readonly nice: boolean; readonly zero?: boolean; readonly domain?: [number, number] },
): Panel {
  const last = history.at(-1)?.epoch ?? 1
  const dotted = history.length <= DOTTED_EPOCHS
  // One epoch alone stands in the middle.
  const domain = last > 1 ? [1, last] : [0.5, 1.5]
  return {
    width: 330,
    height: 220,
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        scale: { domain, nice: false, padding: dotted ? 6 : 0 },
        axis: { title: 'epoch', format: 'd', tickMinStep: 1, tickCount: 8 },
      },
    },
    layer: [
      { data: { values: [{ epoch: bestEpoch }] }, mark: { type: 'rule', strokeDash: [4, 4], color: QUIET } },
      {
        mark: { type: 'line', strokeWidth: 2, point: dotted ? { size: 24 } : false },
        encoding: {
          y: { field: score, type: 'quantitative', scale, axis },
          color: { field: 'series', type: 'nominal', scale: { domain: SERIES, range: COLORS } },
          strokeDash: { field: 'series', type: 'nominal', scale: { domain: SERIES, range: DASHES } },
        },
      },
    ],
  }
}

/** Steps of an axis of shares, in hundredths. */
const STEPS = [1, 2, 5, 10, 20]
const MOST_STEPS = 6

/** Where an axis of shares has its labels: its lower end, below all values, up to 1; what is no number is left out. */
export function shareTicks(shares: readonly number[]): readonly number[] {
  const least = Math.min(0.99, ...shares.filter(Number.isFinite))
  const below = (step: number) => Math.floor((100 * least) / step) * step
  const step = STEPS.find((each) => (100 - below(each)) / each <= MOST_STEPS) ?? 20
  const count = (100 - below(step)) / step
  return Array.from({ length: count + 1 }, (_, i) => (below(step) + i * step) / 100)
}

/** Macro F1 comes first, so that accuracy, which it is often equal to, lies on top. */
function longRows(row: HistoryRow) {
  const { epoch, loss, accuracy, validation_loss, validation_accuracy, validation_macro_f1 } = row
  return [
    { epoch, series: MACRO_F1, accuracy: validation_macro_f1 },
    { epoch, series: TRAINING, loss, accuracy },
    { epoch, series: VALIDATION, loss: validation_loss, accuracy: validation_accuracy },
  ]
}
