import { rankConfigurations, type Verdict } from '../../gate/gate.ts'
import type { Bin } from '../../scores/calibration.ts'
import { MISSING, percent, score, scoreWithInterval, whole } from '../../scores/format.ts'
import type { Metrics, PartMetrics } from '../../scores/metrics.ts'
import type { EvaluatedPart } from '../../scores/predictions.ts'
import { metricsOf } from '../../scores/results.ts'
import type { Temperature } from '../../scores/temperature.ts'
import { type Block, code, figure, paragraph, type Section, type Table, text, view } from '../document.ts'
import type { Evaluated } from '../inputs.ts'
import { configurationName } from './results-table.ts'

/** The name of the plot; no configuration can have it, whose curves are beside it. */
export const RELIABILITY_PLOT = 'chosen_reliability'

/** Holdout if every configuration has holdout images, else validation, which chose and so flatters. */
export function unbiasedPart(metrics: Readonly<Record<string, Metrics>>): 'holdout' | 'validation' {
  return Object.values(metrics).every(({ holdout }) => holdout.images > 0) ? 'holdout' : 'validation'
}

/** How good the probabilities of the configurations are, on the unbiased part. */
export function probabilitySections(
  evaluations: Readonly<Record<string, Evaluated>>,
  { chosen }: Pick<Verdict, 'chosen'>,
): Section[] {
  const part = unbiasedPart(metricsOf(evaluations))
  const ranked = rankConfigurations(metricsOf(evaluations)).flatMap((name) => {
    const evaluated = evaluations[name]
    return evaluated && evaluated.metrics[part].images > 0 ? [{ name, evaluated }] : []
  })
  if (ranked.length === 0) return []
  const table: Table = {
    kind: 'table',
    caption: `Probabilities on the ${part} images`,
    header: ['Configuration', 'F1', 'ROC AUC', 'Log loss', 'Calibration error', 'Brier', 'Temperature'],
    align: ['l', 'r', 'r', 'r', 'r', 'r', 'r'],
    rows: ranked.map(({ name, evaluated: { metrics, calibration } }) => [
      configurationName(name, chosen),
      ...cells(metrics[part]),
      calibration.temperature.toFixed(2),
    ]),
  }
  return [
    {
      id: 'probabilities',
      title: `Probabilities on the ${part} images`,
      short: 'Probabilities',
      blocks: [
        table,
        ...ranked.flatMap(({ name, evaluated }) => uncalibratedNote(name, evaluated.calibration)),
        paragraph(ABOUT),
        ...reliabilityBlocks(evaluations[chosen ?? ''], chosen, part),
      ],
    },
  ]
}

const ABOUT =
  'F1 has its 95 % bootstrap interval, resampled within each class (none where every image is right). ROC AUC is the mean ' +
  'over the classes, each against the others. Log loss is in nats. Arrows lead from the network’s own probabilities to ' +
  'the calibrated ones, whose logits are divided by the temperature that fits validation best. Calibration error is the ' +
  'mean distance between probability and accuracy over 15 bins of equal width.'

function cells(scores: PartMetrics): string[] {
  const { calibrated } = scores
  return [
    scoreWithInterval(scores.macro_f1, scores.macro_f1_low, scores.macro_f1_high),
    score(scores.macro_auc),
    change(decimals, scores.loss, calibrated.loss),
    change(percent, scores.calibration_error, calibrated.calibration_error),
    change(decimals, scores.brier, calibrated.brier),
  ]
}

/** What calibration changed on one part, in a sentence. */
export function describeCalibration({ metrics, calibration }: Evaluated, part: EvaluatedPart): string {
  const { calibrated, ...scores } = metrics[part]
  return `logits divided by ${calibration.temperature.toFixed(2)}, calibration error ${change(percent, scores.calibration_error, calibrated.calibration_error)}, Brier score ${change(decimals, scores.brier, calibrated.brier)}, log loss ${change(decimals, scores.loss, calibrated.loss)}.`
}

function change(format: (value: number) => string, before: number, after: number): string {
  return `${format(before)} → ${format(after)}`
}

/** Why a configuration has no temperature of its own. */
function uncalibratedNote(name: string, { outcome }: Temperature): Block[] {
  if (outcome === 'fitted') return []
  return [paragraph(text`The probabilities of ${code(name)} are not calibrated: ${UNCALIBRATED[outcome]}.`)]
}

/** Why probabilities are kept as they are. */
export const UNCALIBRATED: Readonly<Record<Exclude<Temperature['outcome'], 'fitted'>, string>> = {
  'every image is right': 'every validation image is classified correctly, so no temperature is too low',
  'no better than equal probabilities': 'on validation they are no better than equal probabilities at any temperature',
  'no images': 'there are no validation images to fit a temperature on',
}

/** How often the chosen configuration is right at which probability; on the page, any configuration. */
function reliabilityBlocks(evaluated: Evaluated | undefined, chosen = '', part: EvaluatedPart): Block[] {
  const bins = evaluated?.reliability[part] ?? []
  if (bins.length === 0) return []
  return [
    paragraph(text`Accuracy of ${code(chosen)} at each calibrated probability:`),
    view('calibration', HINT, [
      figure(RELIABILITY_PLOT, `Reliability diagram of ${chosen} on the ${part} images, before and after calibration`),
      binsTable(bins),
    ]),
  ]
}

const HINT =
  'A point is a bin of predictions, larger the more there are, with the exact 95 % interval of its accuracy. On the dashed line, 80 % of the predictions made with 80 % are right.'

/** The accuracy in each bin of calibrated probabilities. */
export function binsTable(bins: readonly Bin[]): Table {
  return {
    kind: 'table',
    caption: 'Accuracy by calibrated probability',
    header: ['Probability', 'Images', 'Mean probability', 'Accuracy'],
    align: ['l', 'r', 'r', 'r'],
    rows: bins.map(({ low, high, images, correct, confidence }) => [
      `${(100 * low).toFixed(0)}-${(100 * high).toFixed(0)} %`,
      whole(images),
      percent(confidence),
      `${percent(correct / images)} (${correct}/${images})`,
    ]),
  }
}

/** A loss or an area with three decimals. */
export function decimals(value: number): string {
  return Number.isNaN(value) ? MISSING : value.toFixed(3)
}
