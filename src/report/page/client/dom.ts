import { pluralize } from '../../../scores/format.ts'
import type { ConfigurationData, PageData } from '../data.ts'

/** Attributes by name, and event listeners as `onclick` and the like. */
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

/** A table that the page holds for a configuration and a part. */
export function tableOf(kind: 'confusion' | 'classes' | 'bins', name: string, part: string): DocumentFragment {
  const template = byId(`t-${kind}-${name}-${part}`) as HTMLTemplateElement
  return document.importNode(template.content, true)
}

/** A select with its label; `onChoose` is called with the place of the chosen option. */
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
  return h('label', {}, label, select)
}

type Part = PageData['parts'][number]

/** Choices of one configuration and one part, the first and holdout to begin with; calls `show` now and after each change. */
export function chooseConfigurationAndPart(
  { configurations, parts }: Pick<PageData, 'configurations' | 'parts'>,
  show: (configuration: ConfigurationData, part: Part) => void,
): HTMLElement {
  let [configuration, part] = [0, Math.max(0, parts.indexOf('holdout'))]
  const update = (): void => {
    const [chosen, chosenPart] = [configurations[configuration], parts[part]]
    if (chosen && chosenPart) show(chosen, chosenPart)
  }
  const names = configurations.map(({ name }) => name)
  const element = h(
    'div',
    { class: 'controls' },
    choice('Configuration', names, (place) => { configuration = place; update() }), // biome-ignore format: one thing
    choice('Images', parts.map(capital), (place) => { part = place; update() }, part), // biome-ignore format: one thing
  )
  update()
  return element
}

/** Says how many images, or other things, the page leaves out; nothing if it has them all. */
export function leftOut(count: number, noun = 'image'): Node[] {
  return count === 0 ? [] : [h('p', {}, `${pluralize(count, `more ${noun}`)} left out to keep this page small.`)]
}

/** A word with its first letter as a capital. */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
