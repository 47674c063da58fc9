import { oneLine } from '../../core/markdown.ts'
import { rankConfigurations, type Verdict } from '../../gate/gate.ts'
import type { GateParams } from '../../gate/params.ts'
import { explainMisses } from '../../gate/verdict.ts'
import { accuracyWithInterval, counts, percent, pluralize, score, whole } from '../../scores/format.ts'
import { EVALUATED_PARTS } from '../../scores/predictions.ts'
import { metricsOf } from '../../scores/results.ts'
import type { TrainParams } from '../../train/params.ts'
import type { Evaluated } from '../evaluations.ts'
import { trainingNotes } from '../training-notes.ts'
import type { ConfigurationRow } from './configurations-table.ts'
import type { Verdict as VerdictText } from './verdict-header.ts'

type Evaluations = Readonly<Record<string, Evaluated>>

/** The verdict in plain words, and the figures of the configuration that was judged. */
export function verdictText(evaluations: Evaluations, verdict: Verdict, gate: GateParams): VerdictText {
  const { chosen = '', misses } = verdict
  const metrics = evaluations[chosen]?.metrics
  const passed = misses.length === 0 && metrics !== undefined
  const count = Object.keys(evaluations).length
  const best = count > 1 ? `is the best of ${pluralize(count, 'configuration')} on validation` : 'was judged'
  const reason = passed
    ? `${chosen} ${best}. The gate asks for ${percent(gate.validation)} there and ${percent(gate.test)} on the test images; these alone say with a confidence of 95 % that it is right on at least ${percent(metrics.test.accuracy_at_least)} of images like them.`
    : explainMisses(verdict, evaluations, oneLine)
  const figures = EVALUATED_PARTS.flatMap((part) => {
    const scores = metrics?.[part]
    if (!scores || scores.images === 0) return []
    const interval = /\(.*, (.*)\)/.exec(accuracyWithInterval(scores))?.[1] ?? ''
    const name = part.charAt(0).toUpperCase() + part.slice(1)
    return [
      {
        name,
        value: percent(scores.correct / scores.images),
        note: `${counts(scores)} right, 95 % interval ${interval}`,
      },
    ]
  })
  return { passed, reason, figures }
}

/** The lines of the table of configurations, the best by validation first. */
export function configurationRows(
  evaluations: Evaluations,
  { chosen }: Verdict,
  trainOf: (name: string) => TrainParams,
): ConfigurationRow[] {
  return rankConfigurations(metricsOf(evaluations)).flatMap((name) => {
    const evaluated = evaluations[name]
    if (!evaluated) return []
    const { metrics } = evaluated
    const { validation } = metrics
    const part = metrics.holdout.images > 0 ? metrics.holdout : validation
    const cells = [
      ...EVALUATED_PARTS.map((each) => ({ text: accuracyWithInterval(metrics[each]), value: metrics[each].accuracy })),
      { text: score(validation.macro_f1), value: validation.macro_f1 },
      { text: percent(part.calibrated.calibration_error), value: part.calibrated.calibration_error },
      { text: whole(metrics.parameters), value: metrics.parameters },
      { text: `${metrics.epochs} (best ${metrics.best_epoch})`, value: metrics.epochs },
    ]
    return [{ name, chosen: name === chosen, cells, notes: trainingNotes(evaluated, trainOf(name)).join('; ') }]
  })
}
