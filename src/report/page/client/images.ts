import { percent } from '../../../scores/format.ts'
import type { AnswerData, ConfigurationData, PageData } from '../data.ts'
import { h } from './dom.ts'
import { brightestPlace, heatCanvas } from './heat.ts'

/** A small image with its name and a line on it. */
export function smallImage(data: PageData, place: number, line: string): HTMLElement {
  const image = data.images[place]
  const label = data.classes[image?.label ?? -1] ?? ''
  return h(
    'li',
    { class: 'small-image' },
    h('img', {
      src: image?.thumbnail ?? '',
      alt: `An image of the class ${label}`,
      decoding: 'async',
      width: 160,
      height: 160,
    }),
    h('div', { class: 'line' }, line.replaceAll(' %', '\u00a0%')),
    h('code', {}, image?.id ?? ''),
  )
}

/** A wrong image: itself, where the network saw its answer and where the label, and the probabilities. */
export function wrongImage(data: PageData, configuration: ConfigurationData, place: number): HTMLElement {
  const image = data.images[place]
  const answer = configuration.answers[place]
  if (!image || !answer) return h('li')
  const [label, prediction] = [image.label, answer.prediction].map((at) => data.classes[at] ?? '')
  const heat = configuration.heat.maps[place]
  const thumbnail = () => h('img', { src: image.thumbnail, alt: '', decoding: 'async', width: 160, height: 160 })
  const views = [
    view(
      'image',
      h('img', {
        src: image.thumbnail,
        alt: `An image of the class ${label}`,
        decoding: 'async',
        width: 160,
        height: 160,
      }),
    ),
    ...(heat
      ? (
          [
            [prediction, heat.prediction],
            [label, heat.label],
          ] as const
        ).map(([name = '', map]) => {
          const words = `Heat map for ${name}, brightest: ${brightestPlace(map, configuration.heat)}`
          return view(`for ${name}`, thumbnail(), heatCanvas(map, configuration.heat, words))
        })
      : []),
  ]
  return h(
    'li',
    { class: 'wrong' },
    h('h3', {}, h('b', {}, label ?? ''), ' taken for ', h('b', {}, prediction ?? '')),
    h('div', { class: 'views' }, ...views),
    probabilities(data.classes, answer, image.label),
    h('p', { class: 'where' }, h('code', {}, image.id), ` · ${image.part}`),
  )
}

function view(caption: string, ...layers: readonly Node[]): HTMLElement {
  return h('figure', {}, h('div', { class: 'layers' }, ...layers), h('figcaption', {}, caption))
}

/** The likeliest classes with a bar each; what the image is has a mark of its own. */
function probabilities(classes: readonly string[], answer: AnswerData, label: number): HTMLElement {
  const rows = answer.probabilities.map(([place, probability]) => {
    const kind = place === label ? 'label' : place === answer.prediction ? 'answer' : ''
    const name = classes[place] ?? ''
    return h(
      'div',
      { class: `probability ${kind}` },
      h('dt', {}, name, ...(kind === 'label' ? [h('span', { class: 'hidden' }, ' (its label)')] : [])),
      h(
        'dd',
        {},
        h('span', { class: 'bar', style: `--share:${probability}` }),
        h('span', { class: 'value' }, percent(probability)),
      ),
    )
  })
  return h('dl', { class: 'probabilities' }, ...rows)
}
