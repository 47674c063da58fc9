import { changeset, parse, type Spec, truthy, View } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { h } from './dom.ts'

/** A chart in the page, as wide as its place. */
export interface Chart {
  readonly element: HTMLElement
  /** Shows other rows; `words` says what is to be seen, for who cannot see it. */
  show(rows: readonly object[], words: string): void
}

/** Draws a chart of rows to come. Vega's interpreter runs its expressions, so that the page needs no `eval`. */
export function openChart(spec: Spec, widest: number): Chart {
  const drawing = h('div', { 'aria-hidden': 'true' })
  const place = h('div', { class: 'chart', role: 'img' }, drawing)
  const tooltip = h('div', { class: 'tooltip', 'aria-hidden': 'true', hidden: true })
  const element = h('div', { class: 'chart-frame', style: `max-width:${widest}px` }, place, tooltip)
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
    const now = Math.min(widest, Math.floor(element.clientWidth))
    if (now === 0 || now === width) return
    width = now
    view.width(now).run()
  }
  new ResizeObserver(resize).observe(element)
  return {
    element,
    show: (rows, words) => {
      place.setAttribute('aria-label', words)
      view.change(
        'rows',
        changeset()
          .remove(truthy)
          .insert(rows.map((row) => ({ ...row }))),
      )
      width = 0
      resize()
    },
  }
}

function showTooltip(tooltip: HTMLElement, frame: HTMLElement, event: MouseEvent, value: unknown): void {
  const isThere = typeof value === 'object' && value !== null
  tooltip.hidden = !isThere
  if (!isThere) return
  const lines = Object.entries(value).map(([name, text]) => h('div', {}, h('span', {}, name), h('b', {}, String(text))))
  tooltip.replaceChildren(...lines)
  const box = frame.getBoundingClientRect()
  const left = Math.min(event.clientX - box.left + 14, box.width - tooltip.offsetWidth - 4)
  tooltip.style.transform = `translate(${Math.max(0, left)}px, ${event.clientY - box.top + 14}px)`
}
