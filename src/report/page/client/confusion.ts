import { percent, pluralize } from '../../../scores/format.ts'
import type { ConfigurationData, PageData } from '../data.ts'
import { chooseConfigurationAndPart, h, leftOut, tableOf } from './dom.ts'
import { smallImage, sureness } from './images.ts'

interface Cell {
  readonly configuration: ConfigurationData
  readonly part: PageData['parts'][number]
  readonly actual: number
  readonly predicted: number
  readonly count: number
  /** Of the images with this label. */
  readonly share: number
}

export function showConfusion(data: PageData, view: HTMLElement): void {
  const matrix = h('div', { class: 'matrix' })
  const scores = h('div')
  const opened = h('div', { id: 'confusion-images' })
  const toggle = (button: HTMLElement, cell: Cell): void => {
    const open = button.getAttribute('aria-expanded') !== 'true'
    for (const other of matrix.querySelectorAll('button')) other.setAttribute('aria-expanded', 'false')
    button.setAttribute('aria-expanded', String(open))
    opened.replaceChildren(...(open ? imagesBehind(data, cell, button) : []))
    opened.querySelector('h3')?.focus()
  }
  const parts = { parts: data.parts, chosen: 'holdout' } as const
  const controls = chooseConfigurationAndPart(data.configurations, parts, (configuration, part) => {
    opened.replaceChildren()
    scores.replaceChildren(tableOf('classes', configuration.name, part))
    matrix.replaceChildren(tableOf('confusion', configuration.name, part))
    const rows = [...matrix.querySelectorAll('tbody tr')].map((row) => row.querySelectorAll('td'))
    for (const [actual, counts] of (configuration.confusion[part] ?? []).entries()) {
      const total = counts.reduce((sum, count) => sum + count, 0)
      for (const [predicted, count] of counts.entries()) {
        const cell = { configuration, part, actual, predicted, count, share: count / total }
        if (count > 0) rows[actual]?.[predicted]?.replaceChildren(cellButton(data, cell, toggle))
      }
    }
  })
  view.append(controls, h('div', { class: 'beside' }, matrix, scores), opened)
}

function cellButton(
  { classes }: PageData,
  cell: Cell,
  toggle: (button: HTMLElement, cell: Cell) => void,
): HTMLButtonElement {
  const words = ` of ${classes[cell.actual]} predicted as ${classes[cell.predicted]}. Show the images.`
  const button = h(
    'button',
    {
      type: 'button',
      class: `cell ${cell.actual === cell.predicted ? 'right' : 'wrong'}`,
      'aria-expanded': 'false',
      'aria-controls': 'confusion-images',
      style: `--share:${cell.share.toFixed(3)}`,
      onclick: () => toggle(button, cell),
    },
    h('b', {}, String(cell.count)),
    h('small', {}, percent(cell.share)),
    h('span', { class: 'hidden' }, words),
  )
  return button
}

/** The images behind a cell, the surest predictions first; those that are not in the page are counted. */
function imagesBehind(data: PageData, cell: Cell, button: HTMLElement): Node[] {
  const { configuration, part, actual, predicted, count } = cell
  const places = [...data.images.keys()]
    .filter((place) => data.images[place]?.part === part && data.images[place]?.label === actual)
    .filter((place) => configuration.answers[place]?.prediction === predicted)
    .sort((a, b) => sureness(configuration, b) - sureness(configuration, a))
  const [label, prediction] = [data.classes[actual], data.classes[predicted]]
  const words = actual === predicted ? `of ${label}, recognized` : `of ${label}, predicted as ${prediction}`
  const close = (): void => {
    button.click()
    button.focus()
  }
  const images = places.map((place) =>
    smallImage(data, place, `${prediction} ${percent(sureness(configuration, place))}`),
  )
  return [
    h('h3', { tabindex: -1 }, `${pluralize(count, `${part} image`)} ${words}`),
    h('button', { type: 'button', class: 'plain', onclick: close }, 'Close'),
    ...leftOut(count - places.length),
    h('ul', { class: 'grid' }, ...images),
  ]
}
