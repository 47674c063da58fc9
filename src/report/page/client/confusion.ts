import { percent, pluralize } from '../../../scores/format.ts'
import type { ConfigurationData, PageData } from '../data.ts'
import { chooseConfigurationAndPart, h, leftOut, tableOf } from './dom.ts'
import { smallImage, sureness } from './images.ts'

/** A cell of the matrix. */
interface Cell {
  readonly part: string
  readonly actual: number
  readonly predicted: number
  readonly count: number
}

/** The confusion matrix of a configuration and a part; its cells open the images behind them. */
export function showConfusion(data: PageData, place: HTMLElement): void {
  const matrix = h('div', { class: 'matrix' })
  const scores = h('div')
  const opened = h('div', { id: 'confusion-images' })
  const parts = { parts: data.parts, chosen: 'holdout' } as const
  const controls = chooseConfigurationAndPart(data.configurations, parts, (configuration, part) => {
    const counts = configuration.confusion[part] ?? []
    opened.replaceChildren()
    scores.replaceChildren(tableOf('classes', configuration.name, part))
    matrix.replaceChildren(tableOf('confusion', configuration.name, part))
    for (const [actual, row] of matrix.querySelectorAll('tbody tr').entries()) {
      const total = (counts[actual] ?? []).reduce((sum, count) => sum + count, 0)
      for (const [predicted, td] of row.querySelectorAll('td').entries()) {
        const count = counts[actual]?.[predicted] ?? 0
        if (count > 0) td.replaceChildren(cellButton(data, configuration, { part, actual, predicted, count }, total))
      }
    }
  })
  place.append(controls, h('div', { class: 'beside' }, matrix, scores), opened)

  function cellButton(data: PageData, configuration: ConfigurationData, cell: Cell, total: number): HTMLElement {
    const share = cell.count / total
    const [actual, predicted] = namesOf(data, cell)
    const button = h(
      'button',
      {
        type: 'button',
        class: `cell ${cell.actual === cell.predicted ? 'right' : 'wrong'}`,
        'aria-expanded': 'false',
        'aria-controls': 'confusion-images',
        style: `--share:${share.toFixed(3)}`,
        onclick: () => toggle(button, () => imagesBehind(data, configuration, cell, button)),
      },
      h('b', {}, String(cell.count)),
      h('small', {}, percent(share)),
      h('span', { class: 'hidden' }, ` of ${actual} predicted as ${predicted}. Show the images.`),
    )
    return button
  }

  function toggle(button: HTMLElement, content: () => Node[]): void {
    const open = button.getAttribute('aria-expanded') !== 'true'
    for (const other of matrix.querySelectorAll('button')) other.setAttribute('aria-expanded', 'false')
    button.setAttribute('aria-expanded', String(open))
    opened.replaceChildren(...(open ? content() : []))
    opened.querySelector('h3')?.focus()
  }
}

/** The images behind a cell, the surest predictions first; those that are not in the page are counted. */
function imagesBehind(data: PageData, configuration: ConfigurationData, cell: Cell, button: HTMLElement): Node[] {
  const places = data.images.flatMap(({ part, label }, place) =>
    part === cell.part && label === cell.actual && configuration.answers[place]?.prediction === cell.predicted
      ? [place]
      : [],
  )
  places.sort((a, b) => sureness(configuration, b) - sureness(configuration, a))
  const [actual, predicted] = namesOf(data, cell)
  const words = cell.actual === cell.predicted ? `of ${actual}, recognized` : `of ${actual}, predicted as ${predicted}`
  const close = (): void => {
    button.click()
    button.focus()
  }
  return [
    h(
      'div',
      {},
      h('h3', { tabindex: -1 }, `${pluralize(cell.count, `${cell.part} image`)} ${words}`),
      h('button', { type: 'button', class: 'plain', onclick: close }, 'Close'),
    ),
    ...leftOut(cell.count - places.length),
    h(
      'ul',
      { class: 'grid' },
      ...places.map((place) => smallImage(data, place, `${predicted} ${percent(sureness(configuration, place))}`)),
    ),
  ]
}

function namesOf({ classes }: PageData, { actual, predicted }: Cell): [string, string] {
  return [classes[actual] ?? '', classes[predicted] ?? '']
}
