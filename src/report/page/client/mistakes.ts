import { percent, pluralize } from '../../../scores/format.ts'
import { confusionsOf } from '../../confusions.ts'
import type { ConfigurationData, PageData } from '../data.ts'
import { chooseConfigurationAndPart, h, leftOut } from './dom.ts'
import { heatLegend, smallImage, sureness, wrongImage } from './images.ts'

/** Images that are shown at first, and that each "more" adds. */
const STEP = 24

/** Every wrong image of a configuration, the surest predictions first. */
export function showMistakes(data: PageData, view: HTMLElement): void {
  const status = h('p', { role: 'status' })
  const list = h('div', { class: 'grid wrongs' })
  let waiting: (() => HTMLElement)[] = []
  let counts = { all: 0, unexplained: 0 }
  const showMore = (): void => {
    const before = list.children.length
    list.append(...waiting.splice(0, STEP).map((make) => make()))
    const shown = list.children.length
    more.hidden = waiting.length === 0
    status.textContent = statusText({ ...counts, inPage: shown + waiting.length, shown })
    if (before > 0) list.children[before]?.querySelector('h3')?.focus()
  }
  const more = h('button', { type: 'button', class: 'plain', onclick: showMore }, 'Show more')
  const parts = { parts: ['all', ...data.parts], chosen: 'all' } as const
  const controls = chooseConfigurationAndPart(data.configurations, parts, (configuration, part) => {
    const wanted = data.parts.filter((each) => part === 'all' || part === each)
    const places = wrongPlaces(data, configuration).filter((place) =>
      wanted.some((each) => each === data.images[place]?.part),
    )
    waiting = places.map((place) => () => wrongImage(data, configuration, place))
    counts = {
      all: wanted.reduce((sum, each) => sum + mistakesIn(configuration, each), 0),
      unexplained: places.filter((place) => !configuration.heat.maps[place]).length,
    }
    list.replaceChildren()
    showMore()
  })
  const explained = data.configurations.some(({ heat }) => Object.keys(heat.maps).length > 0)
  view.append(controls, ...(explained ? [heatLegend()] : []), status, list, more)
}

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
  return confusionsOf(confusion[part] ?? []).reduce((sum, [, , count]) => sum + count, 0)
}

function statusText({ all, inPage, shown, unexplained }: Record<'all' | 'inPage' | 'shown' | 'unexplained', number>) {
  if (all === 0) return 'No image is wrong.'
  return [
    `${pluralize(all, 'wrong image')}${shown < all ? `, ${shown} shown` : ''}.`,
    ...(all > inPage ? [`${all - inPage} left out to keep this page small.`] : []),
    ...(unexplained > 0
      ? [`${unexplained} without heat maps: evaluate draws those of 200 images per configuration.`]
      : []),
  ].join(' ')
}
