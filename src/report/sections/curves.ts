import { rankConfigurations } from '../../gate/gate.ts'
import { pluralize } from '../../scores/format.ts'
import { metricsOf } from '../../scores/results.ts'
import { code, figure, list, type Section, text, view } from '../document.ts'
import type { Evaluated } from '../inputs.ts'

/** Learning curves, and what is worth knowing about each training. */
export function curvesSection(evaluations: Readonly<Record<string, Evaluated>>): Section {
  const ranked = rankConfigurations(metricsOf(evaluations)).flatMap((name) => {
    const evaluated = evaluations[name]
    return evaluated ? [{ name, evaluated }] : []
  })
  return {
    id: 'curves',
    title: 'Learning curves',
    short: 'Curves',
    blocks: [
      view(
        'curves',
        'Solid lines are validation, dotted ones training. A ring marks the epoch whose weights are kept.',
        ranked.map(({ name, evaluated: { history } }) =>
          figure(name, `Loss, accuracy and F1 of ${name} over ${pluralize(history.length, 'epoch')}`),
        ),
      ),
      list(ranked.map(({ name, evaluated }) => text`${code(name)}: ${evaluated.notes.join('; ')}.`)),
    ],
  }
}
