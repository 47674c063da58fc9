import type { TopLevelSpec } from 'vega-lite'
import { percent } from '../scores/format.ts'
import type { PartMetrics } from '../scores/metrics.ts'
import type { EvaluatedPart } from '../scores/predictions.ts'
import { COLORS, INK, QUIET } from './panels.ts'

const SCORES = ['precision', 'recall', 'F1'] as const
const LINES = '#d1d9e0'

/** Precision, recall and F1 of each class that has images as bars, with the numbers beside them. */
export function classBars(name: string, part: EvaluatedPart, { per_class, images }: PartMetrics): TopLevelSpec {
  const scored = Object.entries(per_class).filter(([, { support }]) => support > 0)
  const classes = scored.map(([label]) => label)
  const values = scored.flatMap(([label, { precision, recall, f1 }]) =>
    [precision, recall, f1].map((value, place) => {
      return { class: label, score: SCORES[place] ?? '', value, text: percent(value) }
    }),
  )
  const y = { field: 'class', type: 'nominal', sort: classes, title: null, scale: { paddingInner: 0.3 } } as const
  const offset = { field: 'score', sort: [...SCORES] }
  return {
    background: '#ffffff',
    padding: 16,
    title: { text: name, subtitle: `${part}, ${images} images` },
    data: { values },
    width: 460,
    height: { step: 18 },
    encoding: {
      y: { ...y, axis: { domain: false, ticks: false, labelFontSize: 12, labelPadding: 8, labelLimit: 180 } },
      yOffset: offset,
      x: {
        field: 'value',
        type: 'quantitative',
        scale: { domain: [0, 1] },
        axis: {
          title: null,
          labelExpr: "format(datum.value * 100, '~g') + ' %'",
          tickCount: 5,
          labelFlush: false,
          grid: false,
          domain: false,
          ticks: false,
        },
      },
    },
    layer: [
      {
        mark: { type: 'bar', cornerRadiusEnd: 2 },
        encoding: {
          color: {
            field: 'score',
            type: 'nominal',
            scale: { domain: [...SCORES], range: [COLORS.blue, COLORS.orange, COLORS.green] },
            sort: [...SCORES],
          },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4, color: QUIET, fontSize: 11 },
        encoding: { text: { field: 'text' } },
      },
    ],
    config: {
      font: 'sans-serif',
      aria: false,
      view: { stroke: null },
      title: { anchor: 'start', color: INK, fontSize: 15, subtitleColor: QUIET, subtitleFontSize: 12, offset: 12 },
      axis: { labelColor: INK, titleColor: INK, gridColor: LINES, domainColor: LINES, tickColor: LINES },
      legend: { title: null, orient: 'top', labelColor: INK, labelFontSize: 12, symbolType: 'square' },
    },
  }
}
