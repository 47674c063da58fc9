import type { TopLevelSpec } from 'vega-lite'
import { pluralize, score } from '../scores/format.ts'
import type { PartMetrics } from '../scores/metrics.ts'
import type { EvaluatedPart } from '../scores/predictions.ts'
import { COLORS, FRAME, INK, QUIET, STYLE, titleText } from './panels.ts'

const SCORES = ['precision', 'recall', 'F1']

/** Of more classes than a page is high, those with the lowest F1 are drawn. */
const MOST_CLASSES = 40

/** Precision, recall and F1 of each class that has images, as bars with the numbers beside them. */
export function classBars(name: string, part: EvaluatedPart, { per_class, images }: PartMetrics): TopLevelSpec {
  const scored = [...per_class].filter(([, { support }]) => support > 0)
  const lowest = new Set(scored.toSorted(([, a], [, b]) => a.f1 - b.f1).slice(0, MOST_CLASSES))
  const drawn = scored.filter((each) => lowest.has(each))
  const note =
    drawn.length < scored.length ? `; the ${drawn.length} of ${scored.length} classes with the lowest F1` : ''
  // The sign in front keeps Vega from finding a class called `constructor` among the properties of its own objects.
  const values = drawn.flatMap(([label, { precision, recall, f1 }]) =>
    [precision, recall, f1].map((value, place) => {
      return { class: `=${label}`, score: SCORES[place], value, text: score(value) }
    }),
  )
  return {
    ...FRAME,
    title: { text: titleText(name), subtitle: `${part}, ${pluralize(images, 'image')}${note}` },
    data: { values },
    width: 460,
    height: { step: 18 },
    encoding: {
      y: {
        field: 'class',
        type: 'nominal',
        sort: null,
        title: null,
        scale: { paddingInner: 0.3 },
        axis: { labelExpr: 'slice(datum.label, 1)', labelColor: INK, labelFontSize: 12, labelLimit: 180 },
      },
      yOffset: { field: 'score', sort: SCORES },
      x: {
        field: 'value',
        type: 'quantitative',
        scale: { domain: [0, 1] },
        axis: { title: null, tickCount: 5, grid: false, domain: false, ticks: false },
      },
    },
    layer: [
      {
        mark: { type: 'bar', cornerRadiusEnd: 2 },
        encoding: {
          color: {
            field: 'score',
            type: 'nominal',
            scale: { domain: SCORES, range: [COLORS.blue, COLORS.orange, COLORS.green] },
            sort: SCORES,
            legend: { symbolType: 'square' },
          },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4, color: QUIET, fontSize: 11 },
        encoding: { text: { field: 'text' } },
      },
    ],
    config: STYLE,
  }
}
