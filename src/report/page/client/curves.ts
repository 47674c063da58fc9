import { percent } from '../../../scores/format.ts'
import { CURVE_SCORES, type CurveScore, type PageData } from '../data.ts'
import { type Chart, openChart } from './chart.ts'
import { byId, h, radios } from './dom.ts'

const WIDEST = 1120
const NAMES: Readonly<Record<CurveScore, string>> = {
  accuracy: 'Accuracy',
  loss: 'Loss (nats)',
  macro_f1: 'F1 (validation)',
}
/** Colours that the style sheet has. */
const COLORS = 8

/** Curves of all configurations over one another; each can be switched off. */
export function showCurves({ configurations, charts }: PageData): void {
  const shown = new Set(configurations.map(({ name }) => name))
  let score: CurveScore = 'accuracy'
  const open = new Map<CurveScore, Chart>()
  const place = h('div')
  const table = h('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'The curves as a table' })
  const update = (): void => {
    const chart = open.get(score) ?? openChart(charts.curves[score], WIDEST)
    open.set(score, chart)
    place.replaceChildren(chart.element)
    const visible = configurations.filter(({ name }) => shown.has(name))
    const rows = visible.flatMap(({ curves, bestEpoch }) =>
      curves[score].map((point) => ({ ...point, kept: point.series === 'validation' && point.epoch === bestEpoch })),
    )
    const kept = rows
      .filter((row) => row.kept)
      .map((row) => `${row.configuration} ${written(score, row.value)} in epoch ${row.epoch}`)
    chart.show(
      rows,
      `${NAMES[score]} over the epochs. Of the weights that are kept, on validation: ${kept.join(', ') || 'none shown'}.`,
    )
    table.replaceChildren(curvesTable(visible, score))
  }
  byId('curves-view').append(
    h(
      'div',
      { class: 'controls' },
      radios(
        'Show',
        CURVE_SCORES.map((each) => NAMES[each]),
        (at) => {
          score = CURVE_SCORES[at] ?? 'accuracy'
          update()
        },
      ),
      h(
        'fieldset',
        { class: 'switches' },
        h('legend', {}, 'Configurations'),
        h(
          'div',
          {},
          ...configurations.map(({ name }, at) =>
            h(
              'label',
              {},
              h('input', {
                type: 'checkbox',
                checked: true,
                onchange: () => {
                  if (!shown.delete(name)) shown.add(name)
                  update()
                },
              }),
              h('span', { class: 'swatch', style: `--color:var(--series-${(at % COLORS) + 1})` }),
              h('span', {}, name),
            ),
          ),
        ),
      ),
    ),
    place,
    h('details', {}, h('summary', {}, 'The curves as a table'), table),
  )
  update()
}

function curvesTable(configurations: PageData['configurations'], score: CurveScore): HTMLElement {
  const columns = configurations.flatMap(({ name, curves }) =>
    (['validation', 'training'] as const).flatMap((series) => {
      const points = curves[score].filter((point) => point.series === series)
      return points.length > 0
        ? [{ name, series, values: new Map(points.map(({ epoch, value }) => [epoch, value])) }]
        : []
    }),
  )
  const epochs = [...new Set(columns.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b)
  return h(
    'table',
    {},
    h('caption', { class: 'hidden' }, `${NAMES[score]} by epoch`),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, 'Epoch'),
        ...columns.map(({ name, series }) => h('th', { scope: 'col', class: 'number' }, `${name}, ${series}`)),
      ),
    ),
    h(
      'tbody',
      {},
      ...epochs.map((epoch) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, String(epoch)),
          ...columns.map(({ values }) => h('td', { class: 'number' }, written(score, values.get(epoch)))),
        ),
      ),
    ),
  )
}

function written(score: CurveScore, value: number | undefined): string {
  if (value === undefined || value === null) return '–'
  return score === 'loss' ? value.toFixed(3) : percent(value)
}
