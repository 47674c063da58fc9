import type { TopLevelSpec } from 'vega-lite'
import { type Bin, certaintiesOf, equalWidthBins } from '../scores/calibration.ts'
import { percent } from '../scores/format.ts'
import { clopperPearson } from '../scores/interval.ts'
import type { EvaluatedPart } from '../scores/predictions.ts'
import type { Evaluated } from './evaluations.ts'
import { COLORS, figure, type Layer, panel, QUIET } from './panels.ts'

const SIZE = { width: 300, height: 300 }
const UNIT: [number, number] = [0, 1]

/** The reliability diagram of a configuration: its own probabilities and the calibrated ones, bin by bin. */
export function reliabilityPlot(name: string, part: EvaluatedPart, evaluated: Evaluated): TopLevelSpec {
  const { predictions, confusion, reliability, metrics } = evaluated
  const images = predictions.filter((image) => image.part === part)
  const own = equalWidthBins(certaintiesOf(images, confusion[part].classes))
  const { calibration_error: error, calibrated } = metrics[part]
  const parts = { x: axis('probability'), y: axis('share of right answers'), size: SIZE }
  const title = {
    title: name,
    subtitle: `${part}, ${images.length} images; lines: 95 % intervals`,
  }
  return figure(title, [
    panel({
      title: 'its own probabilities',
      subtitle: `calibration error ${percent(error)}`,
      ...parts,
      layers: layers(own, COLORS.orange),
    }),
    panel({
      title: 'calibrated',
      subtitle: `calibration error ${percent(calibrated.calibration_error)}`,
      ...parts,
      layers: layers(reliability[part], COLORS.blue),
    }),
  ])
}

function axis(title: string) {
  return { title, domain: UNIT, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] }
}

/** The diagonal, and of each bin its interval and a dot as large as it has images. */
function layers(bins: readonly Bin[], color: string): Layer[] {
  const values = bins.map(({ confidence, correct, images }) => {
    const { low, high } = clopperPearson(correct, images)
    return { x: round(confidence), y: round(correct / images), low: round(low), high: round(high), images }
  })
  return [
    {
      data: {
        values: [
          { x: 0, y: 0 },
          { x: 1, y: 1 },
        ],
      },
      mark: { type: 'line', color: QUIET, strokeDash: [4, 4] },
    },
    {
      data: { values },
      mark: { type: 'rule', color, strokeWidth: 1.5, opacity: 0.6 },
      encoding: { y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } },
    },
    {
      data: { values },
      mark: { type: 'point', filled: true, color, opacity: 1 },
      encoding: {
        size: {
          field: 'images',
          type: 'quantitative',
          scale: { type: 'sqrt', domain: [1, 1000], range: [30, 400], clamp: true },
          legend: null,
        },
      },
    },
  ]
}

function round(value: number): number {
  return Number(value.toFixed(4))
}
