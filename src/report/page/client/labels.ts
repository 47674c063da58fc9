import { percent } from '../../../scores/format.ts'
import type { PageData } from '../data.ts'
import { byId, h, leftOut } from './dom.ts'
import { smallImage } from './images.ts'

/** Candidates for relabelling: what the chosen configuration is sure of and wrong, and what all get wrong. */
export function showLabels(data: PageData): void {
  const { trouble, configurations, classes } = data
  const [chosen] = configurations
  const answer = (place: number): string => {
    const given = chosen?.answers[place]
    return `${classes[data.images[place]?.label ?? -1]}, taken for ${classes[given?.prediction ?? -1]} ${percent(given?.probabilities[0]?.[1] ?? Number.NaN)}`
  }
  const list = (title: string, { places, all }: PageData['trouble']['wrongForAll'], none: string): Node[] => [
    h('h3', {}, title),
    ...leftOut(all - places.length),
    all > 0
      ? h('ul', { class: 'grid' }, ...places.map((place) => smallImage(data, place, answer(place))))
      : h('p', {}, none),
  ]
  byId('labels-view').append(
    ...list(
      `Wrong with a probability over 99 %, of ${chosen?.name ?? 'no configuration'}`,
      trouble.sureButWrong,
      'No wrong answer is that sure.',
    ),
    ...(configurations.length > 1
      ? list(
          'Wrong for every configuration',
          trouble.wrongForAll,
          'Each image is right for at least one configuration.',
        )
      : []),
  )
}

/** Near duplicates, group by group. */
export function showNearDuplicates(data: PageData): void {
  const { nearDuplicates, images, classes } = data
  byId('duplicates-view').append(
    ...nearDuplicates.map((group, at) =>
      h(
        'ul',
        { class: 'grid group', 'aria-label': `Group ${at + 1}` },
        ...group.map((place) => {
          const image = images[place]
          return smallImage(data, place, `${classes[image?.label ?? -1]}, ${image?.part}`)
        }),
      ),
    ),
  )
}
