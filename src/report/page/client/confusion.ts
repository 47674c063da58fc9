import { percent, pluralize } from '../../../scores/format.ts'
import { confusionsOf, MATRIX_CLASSES } from '../../confusions.ts'
import type { ConfigurationData, PageData } from '../data.ts'
import { chooseConfigurationAndPart, h, leftOut, tableOf } from './dom.ts'
import { smallImage, sureness } from './images.ts'

/** With more classes, their names stand upright above the columns. */
const UPRIGHT_FROM = 4
/** With more, a cell is as small as its number. */
const DENSE_FROM = 12
/** Of the list of confusions, after the label. */
const COUNT_COLUMN = 1

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
  const { length } = data.classes
  const isList = length > MATRIX_CLASSES
  const matrix = h('div', {
    class: isList
      ? 'matrix list'
      : length > DENSE_FROM
        ? 'matrix upright dense'
        : length > UPRIGHT_FROM
          ? 'matrix upright'
          : 'matrix',
  })
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
    for (const header of matrix.querySelectorAll('th')) header.title = header.textContent ?? '' // long names are cut
    const rows = [...matrix.querySelectorAll('tbody tr')].map((row) => row.querySelectorAll('td'))
    const cells = configuration.confusion[part] ?? []
    const totals = new Map<number, number>()
    for (const [actual, , count] of cells) totals.set(actual, (totals.get(actual) ?? 0) + count)
    for (const [place, [actual, predicted, count]] of (isList ? confusionsOf(cells) : cells).entries()) {
      const share = count / (totals.get(actual) ?? 0)
      const td = isList ? rows[place]?.[COUNT_COLUMN] : rows[actual]?.[predicted]
      td?.replaceChildren(cellButton(data, { configuration, part, actual, predicted, count, share }, toggle))
    }
  })
  // The images open beside what was clicked: a table of many classes below it would hide them.
  view.append(
    controls,
    ...(length > UPRIGHT_FROM ? [matrix, opened, scores] : [h('div', { class: 'beside' }, matrix, scores), opened]),
  )
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
