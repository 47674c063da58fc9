import { capital, pluralize, unbroken } from '../../../scores/format.ts'
import type { ConfigurationData } from '../data.ts'

/** Attributes by name, and event listeners as `onclick` and the like. */
type Given = Readonly<Record<string, string | number | boolean | ((event: Event) => void)>>

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
    else if (value !== false) element.setAttribute(key, String(value))
  }
  element.append(...children.map((child) => (typeof child === 'string' ? unbroken(child) : child)))
  return element
}

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

export function select(options: readonly string[], chosen = 0): HTMLSelectElement {
  return h('select', {}, ...options.map((option, place) => h('option', { selected: place === chosen }, option)))
}

/** Choices of a configuration, the first to begin with, and of a part; calls `show` now and after each change. */
export function chooseConfigurationAndPart<Part extends string>(
  configurations: readonly ConfigurationData[],
  { parts, chosen }: { readonly parts: readonly Part[]; readonly chosen: Part },
  show: (configuration: ConfigurationData, part: Part) => void,
): HTMLElement {
  const names = select(configurations.map(({ name }) => name))
  const images = select(parts.map(capital), Math.max(0, parts.indexOf(chosen)))
  const update = (): void => {
    const [configuration, part] = [configurations[names.selectedIndex], parts[images.selectedIndex]]
    if (configuration && part) show(configuration, part)
  }
  update()
  const labels = [h('label', {}, 'Configuration', names), h('label', {}, 'Images', images)]
  return h('div', { class: 'controls', onchange: update }, ...labels)
}

/** Says how many images, or other things, the page leaves out; nothing if it has them all. */
export function leftOut(count: number, noun = 'image'): Node[] {
  return count === 0 ? [] : [h('p', {}, `${pluralize(count, `more ${noun}`)} left out to keep this page small.`)]
}
