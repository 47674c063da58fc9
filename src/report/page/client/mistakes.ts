import { percent, pluralize } from '../../../scores/format.ts'
import type { ConfigurationData, PageData } from '../data.ts'
import { capital, choice, h, leftOut } from './dom.ts'
import { smallImage, sureness, wrongImage } from './images.ts'

/** Images that are shown at first, and that each "more" adds. */
const STEP = 24

/** Every wrong image of a configuration, the surest predictions first. */
export function showMistakes(data: PageData, view: HTMLElement): void {
  const { configurations, parts } = data
  let [configuration, part, shown] = [0, 0, STEP]
  const status = h('p', { role: 'status' })
  const list = h('div', { class: 'grid wrongs' })
  const update = (focusAt?: number): void => {
    const chosen = configurations[configuration]
    if (!chosen) return
    const wanted = part === 0 ? parts : parts.slice(part - 1, part)
    const places = wrongPlaces(data, chosen).filter((place) => wanted.some((each) => each === data.images[place]?.part))
    list.replaceChildren(...places.slice(0, shown).map((place) => wrongImage(data, chosen, place)))
    more.hidden = places.length <= shown
    status.textContent = statusText({
      all: wanted.reduce((sum, each) => sum + mistakesIn(chosen, each), 0),
      inPage: places.length,
      shown: Math.min(shown, places.length),
      unexplained: places.filter((place) => !chosen.heat.maps[place]).length,
    })
    const first = focusAt === undefined ? null : list.children[focusAt]?.querySelector('h3')
    first?.setAttribute('tabindex', '-1')
    first?.focus()
  }
  const showMore = (): void => {
    const before = shown
    shown += STEP
    update(before)
  }
  const more = h('button', { type: 'button', class: 'plain', onclick: showMore }, 'Show more')
  const choose = (set: (at: number) => void) => (at: number) => {
    set(at)
    shown = STEP
    update()
  }
  view.append(
    h(
      'div',
      { class: 'controls' },
      choice('Configuration', configurations.map(({ name }) => name), choose((at) => { configuration = at })), // biome-ignore format: one thing
      choice('Images', ['All', ...parts.map(capital)], choose((at) => { part = at })), // biome-ignore format: one thing
    ),
    status,
    list,
    more,
  )
  update()
}

/** Candidates for relabelling, with what the chosen configuration predicts. */
export function showLabels(data: PageData, view: HTMLElement): void {
  const { candidates } = data
  const [chosen] = data.configurations
  if (!chosen) return
  const line = (place: number): string => {
    const [label, prediction] = [data.images[place]?.label, chosen.answers[place]?.prediction].map(
      (at) => data.classes[at ?? -1],
    )
    return `${label}, predicted ${prediction} ${percent(sureness(chosen, place))}`
  }
  view.append(
    ...leftOut(candidates.all - candidates.places.length),
    h('ul', { class: 'grid' }, ...candidates.places.map((place) => smallImage(data, place, line(place)))),
  )
}

/** Near duplicates, group by group. */
export function showNearDuplicates(data: PageData, view: HTMLElement): void {
  const line = (place: number): string => {
    const image = data.images[place]
    return `${data.classes[image?.label ?? -1]}, ${image?.part}`
  }
  view.append(
    ...leftOut(data.nearDuplicates.all - data.nearDuplicates.groups.length, 'group'),
    ...data.nearDuplicates.groups.map((group, at) =>
      h(
        'ul',
        { class: 'grid group', 'aria-label': `Group ${at + 1}` },
        ...group.map((place) => smallImage(data, place, line(place))),
      ),
    ),
  )
}

function wrongPlaces({ images }: PageData, configuration: ConfigurationData): number[] {
  const wrong = configuration.answers.flatMap((answer, place) =>
    answer && answer.prediction !== images[place]?.label ? [place] : [],
  )
  return wrong.sort((a, b) => sureness(configuration, b) - sureness(configuration, a))
}

function mistakesIn({ confusion }: ConfigurationData, part: PageData['parts'][number]): number {
  const counts = confusion[part] ?? []
  const wrong = counts.flatMap((row, actual) => row.filter((_, predicted) => predicted !== actual))
  return wrong.reduce((sum, count) => sum + count, 0)
}

interface MistakeCounts {
  readonly all: number
  readonly inPage: number
  readonly shown: number
  readonly unexplained: number
}

function statusText({ all, inPage, shown, unexplained }: MistakeCounts): string {
  if (all === 0) return 'No image is wrong.'
  const left = all - inPage
  return [
    `${pluralize(all, 'wrong image')}${shown < all ? `, ${shown} shown` : ''}.`,
    ...(left > 0 ? [`${left} left out to keep this page small.`] : []),
    ...(unexplained > 0
      ? [`${unexplained} without heat maps: evaluate draws those of 200 images per configuration.`]
      : []),
  ].join(' ')
}
