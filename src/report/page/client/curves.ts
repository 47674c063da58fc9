import { changeset, parse, type Spec, truthy, View } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { capital, MISSING, percent, score as threeDecimals } from '../../../scores/format.ts'
import { type CurvePoint, type CurveScore, SCORE_TITLES } from '../../curves.ts'
import type { PageData } from '../data.ts'
import { chooseConfigurationAndPart, h, select, tableOf } from './dom.ts'

const SCORES = Object.keys(SCORE_TITLES) as CurveScore[]
const titleOf = (score: CurveScore) => capital(SCORE_TITLES[score])
/** Colours that the style sheet has. */
const COLORS = 8

export function showCurves({ configurations, charts }: PageData, place: HTMLElement): void {
  const open = new Map<CurveScore, Chart>()
  const chartPlace = h('div')
  const table = h('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'The curves as a table' })
  const choice = select(SCORES.map(titleOf))
  const switches = configurations.map(() => h('input', { type: 'checkbox', checked: true }))
  const update = (): void => {
    const score = SCORES[choice.selectedIndex] ?? 'accuracy'
    const chart = open.get(score) ?? openChart(charts.curves[score], 1120)
    open.set(score, chart)
    chartPlace.replaceChildren(chart.element)
    const points = configurations.flatMap(({ curves }, at) => (switches[at]?.checked ? curves[score] : []))
    const words = points
      .filter(({ kept }) => kept)
      .map(({ configuration, epoch, value }) => `${configuration} ${written(score, value)} in epoch ${epoch}`)
    chart.show(
      points,
      `${titleOf(score)} over the epochs. On validation, with the weights that are kept: ${words.join(', ') || 'none shown'}.`,
    )
    table.replaceChildren(curvesTable(points, score))
  }
  const labels = configurations.map(({ name }, at) => {
    const swatch = h('span', { class: 'swatch', style: `--color:var(--series-${(at % COLORS) + 1})` })
    return h('label', {}, switches[at] ?? '', swatch, name)
  })
  place.append(
    h(
      'div',
      { class: 'controls', onchange: update },
      h('label', {}, 'Show', choice),
      h('fieldset', {}, h('legend', {}, 'Configurations'), ...labels),
    ),
    chartPlace,
    h('details', {}, h('summary', {}, 'The curves as a table'), table),
  )
  update()
}

export function showCalibration(data: PageData, place: HTMLElement): void {
  const chart = openChart(data.charts.reliability, 520)
  const beside = h('div')
  const parts = { parts: data.parts, chosen: 'holdout' } as const
  const controls = chooseConfigurationAndPart(data.configurations, parts, ({ name, calibration }, part) => {
    const { points = [], summary = '' } = calibration[part] ?? {}
    const bins = points.map(({ confidence, accuracy }) => `${percent(accuracy)} right at ${percent(confidence)}`)
    chart.show(points, `Reliability diagram of ${name}: ${bins.join(', ')}.`)
    beside.replaceChildren(h('p', {}, summary), tableOf('bins', name, part))
  })
  place.append(controls, h('div', { class: 'beside' }, chart.element, beside))
}

/** A line per epoch, a column per curve. */
function curvesTable(points: readonly CurvePoint[], score: CurveScore): HTMLElement {
  const columns = [...Map.groupBy(points, ({ configuration, series }) => `${configuration}, ${series}`)]
  const epochs = [...new Set(points.map(({ epoch }) => epoch))].sort((a, b) => a - b)
  const header = columns.map(([name]) => h('th', { scope: 'col', class: 'number' }, name))
  const cells = (epoch: number) =>
    columns.map(([, curve]) =>
      h('td', { class: 'number' }, written(score, curve.find((point) => point.epoch === epoch)?.value)),
    )
  return h(
    'table',
    {},
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Epoch'), ...header)),
    h('tbody', {}, ...epochs.map((epoch) => h('tr', {}, h('th', { scope: 'row' }, String(epoch)), ...cells(epoch)))),
  )
}

function written(score: CurveScore, value: number | null | undefined): string {
  if (value === undefined || value === null) return MISSING
  if (score === 'loss') return value.toFixed(3)
  return score === 'accuracy' ? percent(value) : threeDecimals(value)
}

/** A chart as wide as its place. */
interface Chart {
  readonly element: HTMLElement
  /** Shows other points; `words` describes them to readers who cannot see the chart. */
  show(points: readonly object[], words: string): void
}

/** A chart without points. Vega's interpreter runs its expressions, so that the page needs no `eval`. */
function openChart(spec: Spec, maxWidth: number): Chart {
  const drawing = h('div', { 'aria-hidden': 'true' })
  const image = h('div', { class: 'chart', role: 'img' }, drawing)
  const tooltip = h('div', { class: 'tooltip', 'aria-hidden': 'true', hidden: true })
  const element = h('div', { class: 'chart-frame', style: `max-width:${maxWidth}px` }, image, tooltip)
  const view = new View(parse(spec, undefined, { ast: true }), {
    renderer: 'svg',
    expr: expressionInterpreter as never,
    hover: true,
    container: drawing,
    tooltip: (_handler: unknown, event: MouseEvent, _item: unknown, value: unknown) =>
      showTooltip(tooltip, element, event, value),
  } as never)
  let width = 0
  const resize = (): void => {
    const now = Math.min(maxWidth, Math.floor(element.clientWidth))
    if (now === 0 || now === width) return
    width = now
    view.width(now).run()
  }
  new ResizeObserver(resize).observe(element)
  return {
    element,
    show: (points, words) => {
      image.setAttribute('aria-label', words)
      const copies = points.map((point) => ({ ...point })) // Vega writes into what it is given
      view.change('rows', changeset().remove(truthy).insert(copies))
      width = 0
      resize()
    },
  }
}

function showTooltip(tooltip: HTMLElement, frame: HTMLElement, event: MouseEvent, value: unknown): void {
  tooltip.hidden = typeof value !== 'object' || value === null
  if (typeof value !== 'object' || value === null) return
  const lines = Object.entries(value).map(([name, text]) =>
    h('div', {}, h('span', {}, capital(name)), h('b', {}, String(text))),
  )
  tooltip.replaceChildren(...lines)
  const box = frame.getBoundingClientRect()
  const left = Math.min(event.clientX - box.left + 14, box.width - tooltip.offsetWidth - 4)
  tooltip.style.transform = `translate(${Math.max(0, left)}px, ${event.clientY - box.top + 14}px)`
}
