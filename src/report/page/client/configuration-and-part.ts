import type { ConfigurationData, PageData } from '../data.ts'
import { capital, choice, h } from './dom.ts'

type Part = PageData['parts'][number]

/** A configuration, the name of a part of the images, and the controls that choose them. */
export interface ConfigurationAndPart {
  readonly element: HTMLElement
  /** What is chosen: the first configuration and holdout, or the first part where there is no holdout, until somebody chooses. */
  chosen(): { readonly configuration: ConfigurationData | undefined; readonly part: Part }
}

/** A choice of one configuration and one part; `onChoose` is called after each change. */
export function chooseConfigurationAndPart(
  { configurations, parts }: Pick<PageData, 'configurations' | 'parts'>,
  onChoose: () => void,
): ConfigurationAndPart {
  let [configuration, part] = [0, Math.max(0, parts.indexOf('holdout'))]
  const names = configurations.map(({ name }) => name)
  const chooseConfiguration = (place: number): void => {
    configuration = place
    onChoose()
  }
  const choosePart = (place: number): void => {
    part = place
    onChoose()
  }
  return {
    element: h(
      'div',
      { class: 'controls' },
      choice('Configuration', names, chooseConfiguration),
      choice('Images', parts.map(capital), choosePart, part),
    ),
    chosen: () => ({ configuration: configurations[configuration], part: parts[part] ?? 'test' }),
  }
}
