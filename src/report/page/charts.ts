import type { Spec } from 'vega'
import type { TopLevelSpec } from 'vega-lite'
import type { CurveScore } from './data.ts'

/** Colours of configurations, which the style sheet has for light and dark; more than these begin anew. */
const COLORS = Array.from({ length: 8 }, (_, place) => `var(--series-${place + 1})`)

const PERCENT = "format(datum.value * 100, '~g') + ' %'"
const CONFIG: TopLevelSpec['config'] = {
  font: 'inherit',
  background: 'transparent',
  view: { stroke: null },
  axis: {
    labelColor: 'var(--quiet)',
    titleColor: 'var(--quiet)',
    titleFontWeight: 'normal',
    labelFontSize: 12,
    titleFontSize: 12,
    gridColor: 'var(--line)',
    domainColor: 'var(--edge)',
    tickColor: 'var(--edge)',
  },
  axisY: { domain: false, ticks: false, labelPadding: 8 },
}

/** The colour of the configuration at a place of the ranking. */
export function colorOf(place: number): string {
  return COLORS[place % COLORS.length] ?? 'currentColor'
}

/**
 * Curves of the configurations over the epochs: validation whole, training dashed, a ring where the weights are kept.
 *
 * The rows come later, as the data set `rows`: `CurvePoint`s with `kept`.
 */
export async function curvesChart(score: CurveScore, configurations: readonly string[]): Promise<Spec> {
  const isLoss = score === 'loss'
  return compiled({
    width: 600,
    height: 300,
    data: { name: 'rows', values: [] },
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        scale: { nice: false, zero: false, padding: 12 },
        axis: { title: 'epoch', format: 'd', tickMinStep: 1, tickCount: 8, grid: false },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        scale: isLoss ? { zero: true, nice: true } : { zero: false, nice: true, domainMax: 1 },
        axis: { title: isLoss ? 'nats' : null, tickCount: 6, ...(isLoss ? {} : { labelExpr: PERCENT }) },
      },
      color: {
        field: 'configuration',
        type: 'nominal',
        scale: { domain: [...configurations], range: configurations.map((_, place) => colorOf(place)) },
        legend: null,
      },
      tooltip: [
        { field: 'configuration', type: 'nominal' },
        { field: 'series', type: 'nominal' },
        { field: 'epoch', type: 'quantitative' },
        { field: 'value', type: 'quantitative', title: TITLES[score], format: isLoss ? '.3f' : '.1%' },
      ],
    },
    layer: [
      {
        mark: { type: 'line', strokeWidth: 2.25, strokeCap: 'round', strokeJoin: 'round', tooltip: null },
        encoding: {
          strokeDash: {
            field: 'series',
            type: 'nominal',
            scale: { domain: ['validation', 'training'], range: [[1, 0], [2, 5]] }, // biome-ignore format: a pair a series
            legend: null,
          },
        },
      },
      { mark: { type: 'point', size: 90, filled: false, strokeWidth: 2 }, transform: [{ filter: 'datum.kept' }] },
      { mark: { type: 'point', size: 220, filled: true, opacity: 0 } },
    ],
  })
}

const TITLES: Readonly<Record<CurveScore, string>> = { accuracy: 'accuracy', loss: 'loss', macro_f1: 'macro F1' }

/** The reliability diagram; the rows come later, as the data set `rows`: `ReliabilityPoint`s. */
export async function reliabilityChart(): Promise<Spec> {
  const scale = { domain: [0, 1], nice: false }
  return compiled({
    width: 420,
    height: 340,
    data: { name: 'rows', values: [] },
    layer: [
      {
        data: { values: [{ at: 0 }, { at: 1 }] },
        mark: { type: 'line', stroke: 'var(--quiet)', strokeDash: [4, 4], strokeWidth: 1.25, tooltip: null },
        encoding: { x: { field: 'at', type: 'quantitative' }, y: { field: 'at', type: 'quantitative' } },
      },
      {
        mark: { type: 'rule', stroke: 'var(--series-1)', strokeWidth: 1.5, opacity: 0.55, tooltip: null },
        encoding: {
          x: { field: 'confidence', type: 'quantitative' },
          y: { field: 'low', type: 'quantitative' },
          y2: { field: 'high' },
        },
      },
      {
        mark: { type: 'point', filled: true, fill: 'var(--series-1)', opacity: 1 },
        encoding: {
          x: {
            field: 'confidence',
            type: 'quantitative',
            scale,
            axis: { title: 'mean probability', labelExpr: PERCENT, tickCount: 5 },
          },
          y: {
            field: 'share',
            type: 'quantitative',
            scale,
            axis: { title: 'share of right answers', labelExpr: PERCENT, tickCount: 5 },
          },
          size: {
            field: 'images',
            type: 'quantitative',
            scale: { type: 'sqrt', rangeMin: 40, rangeMax: 420, zero: true },
            legend: null,
          },
          tooltip: [
            { field: 'confidence', type: 'quantitative', title: 'mean probability', format: '.1%' },
            { field: 'share', type: 'quantitative', title: 'right', format: '.1%' },
            { field: 'low', type: 'quantitative', title: 'from', format: '.1%' },
            { field: 'high', type: 'quantitative', title: 'to', format: '.1%' },
            { field: 'images', type: 'quantitative', title: 'images' },
          ],
        },
      },
    ],
  })
}

async function compiled(spec: object): Promise<Spec> {
  const { compile } = await import('vega-lite')
  const whole = { ...spec, autosize: { type: 'fit-x', contains: 'padding' }, padding: 4, config: CONFIG }
  return compile(whole as TopLevelSpec).spec
}
