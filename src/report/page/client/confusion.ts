import { MISSING, percent, pluralize, score } from '../../../scores/format.ts'
import type { ClassData, ConfigurationData, PageData } from '../data.ts'
import { chooseConfigurationAndPart } from './configuration-and-part.ts'
import { byId, h, leftOut } from './dom.ts'
import { smallImage } from './images.ts'

/** One cell of the matrix. */
interface Cell {
  readonly actual: number
  readonly predicted: number
  readonly count: number
}

/** The confusion matrix of a configuration and a part; its cells open the images behind them. */
export function showConfusion(data: PageData): void {
  const place = h('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'The matrix' })
  const opened = h('div', { class: 'opened', id: 'confusion-images' })
  const scores = h('div', { class: 'class-scores' })
  const update = (): void => {
    opened.replaceChildren()
    const { configuration, part } = choices.chosen()
    const counts = configuration?.confusion[part] ?? []
    scores.replaceChildren(scoresTable(data.classes, configuration?.classScores[part] ?? []))
    place.replaceChildren(
      matrix(data.classes, counts, (cell, button) => {
        const isOpen = button.getAttribute('aria-expanded') === 'true'
        for (const other of place.querySelectorAll('button')) other.setAttribute('aria-expanded', 'false')
        opened.replaceChildren()
        if (isOpen || !configuration) return
        button.setAttribute('aria-expanded', 'true')
        opened.append(...behind(data, configuration, part, cell, button))
        opened.querySelector('h3')?.focus()
      }),
    )
  }
  const choices = chooseConfigurationAndPart(data, update)
  byId('confusion-view').append(choices.element, h('div', { class: 'beside' }, place, scores), opened)
  update()
}

function matrix(
  classes: readonly string[],
  counts: readonly (readonly number[])[],
  open: (cell: Cell, button: HTMLElement) => void,
): HTMLElement {
  const cellOf = (actual: number, predicted: number, total: number): HTMLElement => {
    const count = counts[actual]?.[predicted] ?? 0
    const share = total > 0 ? count / total : 0
    const kind = actual === predicted ? 'right' : 'wrong'
    if (count === 0) return h('td', { class: `cell ${kind}` }, h('span', {}, '0'))
    const words = ` of ${classes[actual]} taken for ${classes[predicted]}. Show the images.`
    const button: HTMLButtonElement = h(
      'button',
      {
        type: 'button',
        'aria-expanded': 'false',
        'aria-controls': 'confusion-images',
        style: `--share:${share.toFixed(3)}`,
        onclick: () => open({ actual, predicted, count }, button),
      },
      h('b', {}, String(count)),
      h('small', {}, percent(share)),
      h('span', { class: 'hidden' }, words),
    )
    return h('td', { class: `cell ${kind}` }, button)
  }
  return h(
    'table',
    { class: 'matrix' },
    h('caption', { class: 'hidden' }, 'Confusion matrix: rows are actual classes, columns predicted ones'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('td', { class: 'corner' }, 'is ↓ taken for →'),
        ...classes.map((name) => h('th', { scope: 'col' }, name)),
      ),
    ),
    h(
      'tbody',
      {},
      ...classes.map((name, actual) => {
        const total = (counts[actual] ?? []).reduce((sum, count) => sum + count, 0)
        return h(
          'tr',
          {},
          h('th', { scope: 'row' }, name),
          ...classes.map((_, predicted) => cellOf(actual, predicted, total)),
        )
      }),
    ),
  )
}

function scoresTable(classes: readonly string[], scores: readonly ClassData[]): HTMLElement {
  const written = (value: number | null): string => (value === null ? MISSING : score(value))
  const names = ['Precision', 'Recall', 'F1', 'ROC AUC', 'Images']
  return h(
    'table',
    {},
    h('caption', { class: 'hidden' }, 'How well each class is told apart'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, 'Class'),
        ...names.map((name) => h('th', { scope: 'col', class: 'number' }, name)),
      ),
    ),
    h(
      'tbody',
      {},
      ...scores.map(({ precision, recall, f1, auc, support }, place) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, classes[place] ?? ''),
          ...[...[precision, recall, f1, auc].map(written), String(support)].map((text) =>
            h('td', { class: 'number' }, text),
          ),
        ),
      ),
    ),
  )
}

/** The images behind a cell, the surest answers first; those that are not in the page are counted. */
function behind(
  data: PageData,
  configuration: ConfigurationData,
  part: string,
  cell: Cell,
  button: HTMLElement,
): Node[] {
  const places = data.images.flatMap((image, place) =>
    image.part === part && image.label === cell.actual && configuration.answers[place]?.prediction === cell.predicted
      ? [place]
      : [],
  )
  const sureness = (place: number): number => configuration.answers[place]?.probabilities[0]?.[1] ?? 0
  places.sort((a, b) => sureness(b) - sureness(a))
  const [actual, predicted] = [cell.actual, cell.predicted].map((at) => data.classes[at] ?? '')
  const words = actual === predicted ? `of ${actual}, recognized` : `of ${actual}, taken for ${predicted}`
  return [
    h(
      'div',
      { class: 'opened-head' },
      h('h3', { tabindex: -1 }, `${pluralize(cell.count, `${part} image`)} ${words}`),
      h('button', { type: 'button', class: 'plain', onclick: () => { button.click(); button.focus() } }, 'Close'), // biome-ignore format: one thing
    ),
    ...leftOut(cell.count - places.length),
    h(
      'ul',
      { class: 'grid' },
      ...places.map((place) => smallImage(data, place, `${predicted} ${percent(sureness(place))}`)),
    ),
  ]
}
