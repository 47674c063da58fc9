import { h } from '../../../report/page/client/dom.ts'
import { percent } from '../../../scores/format.ts'
import type { AuditImage } from '../data.ts'
import type { Decisions, Verdict } from './decisions.ts'

/** An image on the page. */
export interface Card {
  readonly element: HTMLElement
  /** Shows what was decided. */
  update(): void
}

interface CardOptions {
  readonly classes: readonly string[]
  readonly decisions: Decisions
  readonly onDecided: () => void
  /** Moves the focus by so many images. */
  readonly onMove: (from: HTMLElement, by: 1 | -1) => void
}

const KEYS: Readonly<Record<string, Verdict['decision'] | 1 | -1>> = {
  ...{ k: 'keep', r: 'relabel', x: 'exclude' },
  ...{ n: 1, p: -1 },
}

/** A labelled image with its buttons; a press on the one that is chosen takes the decision back. */
export function decisionCard(image: AuditImage, options: CardOptions): Card {
  const { decisions, onDecided, onMove } = options
  const classes = choiceOfClasses(image, options)
  const decide = (decision: Verdict['decision']) => {
    const isSame = decisions.of(image)?.decision === decision
    decisions.set(image, isSame ? undefined : verdictOf(decision))
    update()
    onDecided()
  }
  const verdictOf = (decision: Verdict['decision']): Verdict =>
    decision === 'relabel' ? { decision, to: classes.value } : { decision }
  const buttons = (['keep', 'relabel', 'exclude'] as const).map((decision) =>
    h(
      'button',
      { type: 'button', class: 'plain', 'data-decision': decision, onclick: () => decide(decision) },
      WORDS[decision],
    ),
  )
  const [keep = '', relabel = '', exclude = ''] = buttons
  const controls = h('div', { class: 'decide' }, keep, exclude, h('span', { class: 'relabel' }, relabel, classes))
  const element = frame(image, controls)
  const update = () => {
    const verdict = decisions.of(image)
    if (verdict?.decision === 'relabel') showClass(classes, verdict.to)
    element.dataset.decided = verdict?.decision ?? ''
    for (const button of buttons) {
      button.setAttribute('aria-pressed', String(button.dataset.decision === verdict?.decision))
    }
  }
  classes.addEventListener('change', () => {
    decisions.set(image, { decision: 'relabel', to: classes.value })
    update()
    onDecided()
  })
  element.addEventListener('keydown', (event) => {
    const action = KEYS[event.key.toLowerCase()]
    if (action === undefined || event.target === classes || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    if (typeof action === 'string') decide(action)
    onMove(element, action === -1 ? -1 : 1)
  })
  update()
  return { element, update }
}

/** An image about which nothing can be decided here. */
export function testCard(image: AuditImage): HTMLElement {
  return frame(image, h('p', { class: 'quiet' }, 'Test image: see below.'))
}

const WORDS: Readonly<Record<Verdict['decision'], string>> = { keep: 'Keep', relabel: 'Relabel', exclude: 'Exclude' }

function frame(image: AuditImage, controls: Node): HTMLElement {
  const { id, label, set, thumbnail, probability, suggestedProbability, why } = image
  const likely = probability === null ? '' : ` ${percent(probability)}`
  const reasons = why.map((reason) =>
    reason.startsWith('looks like') && suggestedProbability !== null
      ? `${reason} ${percent(suggestedProbability)}`
      : reason,
  )
  return h(
    'article',
    { class: 'card', tabindex: 0, 'aria-label': `${id}, ${label}`, 'data-set': set },
    h('img', { src: thumbnail, alt: '', decoding: 'async', width: 160, height: 160 }),
    h(
      'div',
      {},
      h('h3', {}, 'labelled ', h('b', {}, label), h('small', {}, likely)),
      h('ul', { class: 'why' }, ...reasons.map((reason) => h('li', {}, reason))),
      h('code', {}, id),
    ),
    controls,
  )
}

/** The other classes, the suggested one chosen. They are listed when they are first needed, for there may be a thousand. */
function choiceOfClasses({ label, suggested, id }: AuditImage, { classes }: CardOptions): HTMLSelectElement {
  const others = classes.filter((name) => name !== label)
  const first = others.includes(suggested) ? suggested : (others[0] ?? '')
  const choice = h('select', { 'aria-label': `New label of ${id}` }, h('option', {}, first))
  const fill = () => {
    if (choice.options.length >= others.length) return
    const { value } = choice
    choice.replaceChildren(...others.map((name) => h('option', { selected: name === value }, name)))
  }
  for (const event of ['focus', 'pointerdown']) choice.addEventListener(event, fill)
  return choice
}

/** Chooses a class that may not be listed yet. */
function showClass(choice: HTMLSelectElement, name: string): void {
  if (![...choice.options].some(({ value }) => value === name)) choice.replaceChildren(h('option', {}, name))
  choice.value = name
}
