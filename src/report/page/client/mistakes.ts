import { pluralize } from '../../../scores/format.ts'
import type { ConfigurationData, PageData } from '../data.ts'
import { byId, capital, choice, h } from './dom.ts'
import { wrongImage } from './images.ts'

/** Images that are there at first, and that each "more" adds. */
const STEP = 24

/** Every wrong image of a configuration, the surest answers first. */
export function showMistakes(data: PageData): void {
  const { configurations, parts } = data
  const partNames = ['All', ...parts.map(capital)]
  let [configuration, part, shown] = [0, 0, STEP]
  const status = h('p', { class: 'status', role: 'status' })
  const list = h('ul', { class: 'wrongs' })
  const more = h('button', { type: 'button', class: 'more' }, 'Show more')
  const update = (focusAt?: number): void => {
    const chosen = configurations[configuration]
    if (!chosen) return
    const wanted = part === 0 ? parts : parts.slice(part - 1, part)
    const places = wrongPlaces(data, chosen).filter((place) => wanted.some((each) => each === data.images[place]?.part))
    const all = wanted.reduce((sum, each) => sum + mistakesIn(chosen, each), 0)
    list.replaceChildren(...places.slice(0, shown).map((place) => wrongImage(data, chosen, place)))
    more.hidden = places.length <= shown
    status.textContent = statusText({
      all,
      there: places.length,
      shown: Math.min(shown, places.length),
      unexplained: places.filter((place) => !chosen.heat.maps[place]).length,
    })
    const first = focusAt === undefined ? null : list.children[focusAt]?.querySelector('h3')
    first?.setAttribute('tabindex', '-1')
    first?.focus()
  }
  more.addEventListener('click', () => {
    const before = shown
    shown += STEP
    update(before)
  })
  const choose = (set: (at: number) => void) => (at: number) => {
    set(at)
    shown = STEP
    update()
  }
  byId('mistakes-view').append(
    h(
      'div',
      { class: 'controls' },
      choice('Configuration', configurations.map(({ name }) => name), choose((at) => { configuration = at })), // biome-ignore format: one thing
      choice('Images', partNames, choose((at) => { part = at })), // biome-ignore format: one thing
    ),
    status,
    list,
    more,
  )
  update()
}

function wrongPlaces({ images }: PageData, { answers }: ConfigurationData): number[] {
  const wrong = answers.flatMap((answer, place) =>
    answer && answer.prediction !== images[place]?.label ? [place] : [],
  )
  const sureness = (place: number): number => answers[place]?.probabilities[0]?.[1] ?? 0
  return wrong.sort((a, b) => sureness(b) - sureness(a))
}

function mistakesIn({ confusion }: ConfigurationData, part: PageData['parts'][number]): number {
  const counts = confusion[part] ?? []
  return counts.reduce(
    (sum, row, actual) => sum + row.reduce((inRow, count, predicted) => inRow + (actual === predicted ? 0 : count), 0),
    0,
  )
}

function statusText({
  all,
  there,
  shown,
  unexplained,
}: {
  all: number
  there: number
  shown: number
  unexplained: number
}): string {
  if (all === 0) return 'No image is wrong.'
  const left = all - there
  return [
    `${pluralize(all, 'wrong image')}${shown < all ? `, ${shown} shown` : ''}.`,
    ...(left > 0 ? [`${left} ${left === 1 ? 'is' : 'are'} left out of this page, to keep it small.`] : []),
    ...(unexplained > 0
      ? [
          `${unexplained} ${unexplained === 1 ? 'has' : 'have'} no heat map: evaluate draws those of 200 images a configuration.`,
        ]
      : []),
  ].join(' ')
}
