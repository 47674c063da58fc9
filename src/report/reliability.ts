import type { TopLevelSpec } from 'vega-lite'
import { type Bin, certaintiesOf, equalWidthBins } from '../scores/calibration.ts'
import { percent, pluralize } from '../scores/format.ts'
import { clopperPearson } from '../scores/interval.ts'
import type { EvaluatedPart } from '../scores/predictions.ts'
import type { Evaluated } from './inputs.ts'
import { COLORS, figure, PANEL_TITLE, type Panel, PERCENT_LABELS, QUIET, titleText } from './panels.ts'

/** The points of the reliability diagram with the exact 95 % intervals of their accuracy; four decimals. */
export function reliabilityPoints(bins: readonly Bin[]) {
  const rounded = (value: number) => Number(value.toFixed(4))
  return bins.map(({ confidence, correct, images }) => {
    const { low, high } = clopperPearson(correct, images)
    return {
      ...{ confidence: rounded(confidence), accuracy: rounded(correct / images) },
      ...{ low: rounded(low), high: rounded(high), images },
    }
  })
}

/** The reliability diagram of a configuration: the network's own probabilities and the calibrated ones, bin by bin. */
export function reliabilityFigure(name: string, part: EvaluatedPart, evaluated: Evaluated): TopLevelSpec {
  const { predictions, confusion, reliability, metrics } = evaluated
  const images = predictions.filter((image) => image.part === part)
  const own = equalWidthBins(certaintiesOf(images, confusion[part].classes))
  const { calibration_error: error, calibrated } = metrics[part]
  const side = (title: string, bins: readonly Bin[], color: string, error: number): Panel => ({
    width: 300,
    height: 300,
    title: { text: title, subtitle: `calibration error ${percent(error)}`, ...PANEL_TITLE },
    data: { values: reliabilityPoints(bins) },
    layer: reliabilityLayers(color) as never,
  })
  return figure(
    { title: titleText(name), subtitle: `${part}, ${pluralize(images.length, 'image')}; lines: 95 % intervals` },
    [
      side('own probabilities', own, COLORS.orange, error),
      side('calibrated probabilities', reliability[part], COLORS.blue, calibrated.calibration_error),
    ],
  )
}

/** The same of calibrated probabilities alone; the page hands in the points as the data set `rows`. */
export function reliabilityChart() {
  return { height: 340, data: { name: 'rows', values: [] }, layer: reliabilityLayers(COLORS.blue) }
}

/** The diagonal, and of each bin its interval and a dot that grows with its images. */
function reliabilityLayers(color: string) {
  const share = (field: string) => ({ field, type: 'quantitative', scale: { domain: [0, 1], nice: false } })
  const axis = (title: string) => ({ axis: { title, labelExpr: PERCENT_LABELS, tickCount: 5 } })
  const shown = (field: string, title = field) => ({ field, type: 'quantitative', title, format: '.1%' })
  const x = { ...share('confidence'), ...axis('mean probability') }
  const sizes = { type: 'sqrt', domain: [1, 1000], range: [30, 400], clamp: true }
  return [
    {
      data: { values: [{ at: 0 }, { at: 1 }] },
      mark: { type: 'line', color: QUIET, strokeDash: [4, 4], strokeWidth: 1.25, tooltip: null },
      encoding: { x: share('at'), y: share('at') },
    },
    {
      mark: { type: 'rule', color, strokeWidth: 1.5, opacity: 0.6, tooltip: null },
      encoding: { x, y: share('low'), y2: { field: 'high' } },
    },
    {
      mark: { type: 'point', filled: true, color, opacity: 1 },
      encoding: {
        x,
        y: { ...share('accuracy'), ...axis('accuracy') },
        size: { field: 'images', type: 'quantitative', scale: sizes, legend: null },
        tooltip: [
          shown('confidence', 'mean probability'),
          shown('accuracy'),
          shown('low', 'from'),
          shown('high', 'to'),
          { field: 'images', type: 'quantitative' },
        ],
      },
    },
  ]
}
