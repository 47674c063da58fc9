import { pluralize } from '../../scores/format.ts'
import { code, figure, list, type Section, section, text, view } from '../document.ts'
import { type Evaluations, ranked } from '../inputs.ts'

export function curvesSection(evaluations: Evaluations): Section {
  const configurations = ranked(evaluations)
  const figures = configurations.map(([name, { history }]) =>
    figure(name, `Loss, accuracy and F1 of ${name} over ${pluralize(history.length, 'epoch')}`),
  )
  const hint = 'Solid lines are validation, dotted ones training. A ring marks the epoch whose weights are kept.'
  return section({ id: 'curves', title: 'Learning curves', short: 'Curves' }, [
    view('curves', hint, figures),
    list(configurations.map(([name, { notes }]) => text`${code(name)}: ${notes.join('; ')}.`)),
  ])
}
