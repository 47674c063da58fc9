import { pluralize } from '../../../scores/format.ts'

/** What an element is given: attributes by their names, and what it does on events by `onclick` and the like. */
export type Given = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | undefined>>

/** An element. Text stays text: nothing here reads markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  given: Given = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === 'function') element.addEventListener(key.slice(2), value)
    else if (value === true) element.setAttribute(key, '')
    else if (value !== false && value !== undefined) element.setAttribute(key, String(value))
  }
  element.append(...children)
  return element
}

/** The element of that id, which the page has. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page has no #${id}`)
  return element
}

/** A choice with its label; `onChoose` hears the place of what is chosen. */
export function choice(
  label: string,
  options: readonly string[],
  onChoose: (place: number) => void,
  chosen = 0,
): HTMLElement {
  const select = h(
    'select',
    { onchange: () => onChoose(select.selectedIndex) },
    ...options.map((option, place) => h('option', { selected: place === chosen }, option)),
  )
  return h('label', { class: 'choice' }, h('span', {}, label), select)
}

/** Choices of which one holds, side by side. */
export function radios(legend: string, options: readonly string[], onChoose: (place: number) => void): HTMLElement {
  const name = `radios-${legend.toLowerCase().replace(/\W+/g, '-')}`
  return h(
    'fieldset',
    { class: 'radios' },
    h('legend', {}, legend),
    ...options.map((option, place) =>
      h(
        'label',
        {},
        h('input', { type: 'radio', name, checked: place === 0, onchange: () => onChoose(place) }),
        h('span', {}, option),
      ),
    ),
  )
}

/** Says how many images of a list the page does not hold; nothing where it holds them all. */
export function leftOut(images: number): Node[] {
  if (images === 0) return []
  return [h('p', { class: 'note' }, `${pluralize(images, 'image')} more, left out of this page to keep it small.`)]
}

/** A word with its first letter large. */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
