import { changeset, parse, type Spec, truthy, View } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { score as decimals, percent } from '../../../scores/format.ts'
import type { CurvePoint, CurveScore } from '../../curves.ts'
import type { PageData } from '../data.ts'
import { capital, choice, chooseConfigurationAndPart, h, tableOf } from './dom.ts'

const TITLES: Readonly<Record<CurveScore, string>> = {
  accuracy: 'Accuracy',
  loss: 'Loss (nats)',
  macro_f1: 'F1 (validation)',
}
const SCORES = Object.keys(TITLES) as CurveScore[]
/** Colours that the style sheet has. */
const COLORS = 8

/** Curves of all configurations over one another; each can be switched off. */
export function showCurves({ configurations, charts }: PageData, place: HTMLElement): void {
  const shown = new Set(configurations.map(({ name }) => name))
  let score: CurveScore = 'accuracy'
  const open = new Map<CurveScore, Chart>()
  const chartPlace = h('div')
  const table = h('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'The curves as a table' })
  const update = (): void => {
    const chart = open.get(score) ?? openChart(charts.curves[score], 1120)
    open.set(score, chart)
    chartPlace.replaceChildren(chart.element)
    const points = configurations.flatMap(({ name, curves }) => (shown.has(name) ? curves[score] : []))
    const kept = points.filter(({ kept }) => kept)
    const words = kept.map(
      ({ configuration, epoch, value }) => `${configuration} ${written(score, value)} in epoch ${epoch}`,
    )
    chart.show(
      points,
      `${TITLES[score]} over the epochs. On validation, with the weights that are kept: ${words.join(', ') || 'none shown'}.`,
    )
    table.replaceChildren(curvesTable(points, score))
  }
  const choose = (at: number): void => {
    score = SCORES[at] ?? 'accuracy'
    update()
  }
  const toggle = (name: string) => (): void => {
    if (!shown.delete(name)) shown.add(name)
    update()
  }
  const switches = configurations.map(({ name }, at) =>
    h(
      'label',
      {},
      h('input', { type: 'checkbox', checked: true, onchange: toggle(name) }),
      h('span', { class: 'swatch', style: `--color:var(--series-${(at % COLORS) + 1})` }),
      name,
    ),
  )
  place.append(
    h(
      'div',
      { class: 'controls' },
      choice('Show', SCORES.map((each) => TITLES[each]), choose), // biome-ignore format: one line
      h('fieldset', {}, h('legend', {}, 'Configurations'), ...switches),
    ),
    chartPlace,
    h('details', {}, h('summary', {}, 'The curves as a table'), table),
  )
  update()
}

/** The reliability diagram of a configuration and a part, its bins, and what calibration changed. */
export function showCalibration(data: PageData, place: HTMLElement): void {
  const chart = openChart(data.charts.reliability, 520)
  const beside = h('div')
  const controls = chooseConfigurationAndPart(data, ({ name, calibration }, part) => {
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
  if (value === undefined || value === null) return '–'
  if (score === 'loss') return value.toFixed(3)
  return score === 'accuracy' ? percent(value) : decimals(value)
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
