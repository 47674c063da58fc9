import { percent, pluralize } from '../../../scores/format.ts'
import type { CalibrationData, PageData } from '../data.ts'
import { openChart } from './chart.ts'
import { chooseConfigurationAndPart } from './configuration-and-part.ts'
import { byId, h } from './dom.ts'

const WIDEST = 520

/** The reliability diagram of a configuration and a part, its numbers, and what calibration changed. */
export function showCalibration({ configurations, parts, charts }: PageData): void {
  const chart = openChart(charts.reliability, WIDEST)
  const scores = h('div')
  const table = h('div')
  const update = (): void => {
    const { configuration, part } = choices.chosen()
    const of = configuration?.calibration[part]
    if (!configuration || !of) return
    const bins = of.bins.map(({ confidence, share }) => `${percent(share)} right at ${percent(confidence)}`)
    chart.show(of.bins, `Reliability diagram of ${configuration.name}: ${bins.join(', ')}.`)
    scores.replaceChildren(scoresTable(of, configuration.temperature))
    table.replaceChildren(binsTable(of))
  }
  const choices = chooseConfigurationAndPart({ configurations, parts }, update)
  byId('calibration-view').append(
    choices.element,
    h(
      'div',
      { class: 'beside' },
      chart.element,
      h('div', {}, scores, h('details', {}, h('summary', {}, 'The diagram as a table'), table)),
    ),
  )
  update()
}

function scoresTable({ raw, calibrated, images }: CalibrationData, temperature: number): HTMLElement {
  const row = (name: string, before: string, after: string): HTMLElement =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, name),
      h('td', { class: 'number' }, before),
      h('td', { class: 'number' }, after),
    )
  const decimals = (value: number): string => value.toFixed(3)
  return h(
    'div',
    {},
    h(
      'table',
      {},
      h('caption', {}, `${pluralize(images, 'image')}, logits divided by ${temperature.toFixed(2)}`),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('td', {}),
          h('th', { scope: 'col', class: 'number' }, 'Network'),
          h('th', { scope: 'col', class: 'number' }, 'Calibrated'),
        ),
      ),
      h(
        'tbody',
        {},
        row('Calibration error', percent(raw.error), percent(calibrated.error)),
        row('Brier score', decimals(raw.brier), decimals(calibrated.brier)),
        row('Log loss', decimals(raw.loss), decimals(calibrated.loss)),
      ),
    ),
  )
}

function binsTable({ bins }: CalibrationData): HTMLElement {
  const names = ['Probability', 'Right', '95 % interval', 'Images']
  return h(
    'table',
    {},
    h('caption', { class: 'hidden' }, 'Reliability by bin'),
    h('thead', {}, h('tr', {}, ...names.map((name) => h('th', { scope: 'col', class: 'number' }, name)))),
    h(
      'tbody',
      {},
      ...bins.map(({ confidence, share, low, high, images }) => {
        const cells = [percent(confidence), percent(share), `${percent(low)} to ${percent(high)}`, String(images)]
        return h('tr', {}, ...cells.map((cell) => h('td', { class: 'number' }, cell)))
      }),
    ),
  )
}
