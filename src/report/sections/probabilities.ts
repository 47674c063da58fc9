import type { Bin } from '../../scores/calibration.ts'
import { MISSING, percent, scoreWithInterval, whole } from '../../scores/format.ts'
import type { PartMetrics } from '../../scores/metrics.ts'
import type { EvaluatedPart } from '../../scores/predictions.ts'
import type { Temperature } from '../../scores/temperature.ts'
import {
  type Block,
  code,
  figure,
  list,
  paragraph,
  type Section,
  section,
  type Table,
  table,
  text,
  view,
} from '../document.ts'
import { type Evaluated, type Evaluations, ranked } from '../inputs.ts'
import { configurationName } from './results-table.ts'

/** The name of the plot; no configuration can have it, whose curves are beside it. */
export const RELIABILITY_PLOT = 'chosen_reliability'

/** Holdout if every configuration has holdout images, else validation, which chose and so flatters. */
export function unbiasedPart(evaluations: Evaluations): 'holdout' | 'validation' {
  return Object.values(evaluations).every(({ metrics }) => metrics.holdout.images > 0) ? 'holdout' : 'validation'
}

/** How good the probabilities of the configurations are, on the unbiased part. */
export function probabilitySections(evaluations: Evaluations, chosen = ''): Section[] {
  const part = unbiasedPart(evaluations)
  const shown = ranked(evaluations).filter(([, { metrics }]) => metrics[part].images > 0)
  if (shown.length === 0) return []
  const title = `Probabilities on the ${part} images`
  const header = [
    ...['Configuration', 'F1', 'ROC AUC', 'Log loss', 'Brier', 'Calibration error', 'By chance alone', 'Temperature'],
  ]
  const rows = shown.map(([name, { metrics, calibration }]) => [
    configurationName(name, chosen),
    ...cells(metrics[part]),
    formatTemperature(calibration),
  ])
  const outcomes = shown.flatMap(([name, { calibration }]) => {
    const outcome = describeOutcome(calibration)
    return outcome === '' ? [] : [text`${code(name)}: ${outcome}.`]
  })
  return [
    section({ id: 'probabilities', title, short: 'Probabilities' }, [
      table(title, header, rows),
      ...(outcomes.length > 0 ? [list(outcomes)] : []),
      paragraph(ABOUT),
      ...reliabilityBlocks(chosen, evaluations[chosen]?.reliability[part] ?? [], part),
    ]),
  ]
}

const ABOUT =
  'Ranges are 95 % bootstrap intervals. ROC AUC is the mean over the classes, each against the others; log loss is in nats; ' +
  'Brier is summed over the classes, from 0 to 2. Arrows lead from the network’s own probabilities to the calibrated ones, whose ' +
  'logits are divided by the temperature. Calibration error is the mean distance between probability and accuracy over 15 bins ' +
  'of equal width. By chance alone: the error that even perfectly calibrated probabilities show on this many images, on average and at most in 95 of 100 cases.'

function cells(scores: PartMetrics): string[] {
  const { loss, calibrationError, byChance, brier } = changes(scores)
  const { macro_f1, macro_f1_low, macro_f1_high, macro_auc, macro_auc_low, macro_auc_high } = scores
  return [
    scoreWithInterval(macro_f1, macro_f1_low, macro_f1_high),
    scoreWithInterval(macro_auc, macro_auc_low, macro_auc_high),
    ...[loss, brier, calibrationError, byChance],
  ]
}

export function describeCalibration({ metrics, calibration }: Evaluated, part: EvaluatedPart): string {
  const { loss, calibrationError, byChance, brier } = changes(metrics[part])
  return `logits divided by ${formatTemperature(calibration)}, calibration error ${calibrationError} (by chance alone ${byChance}), Brier score ${brier}, log loss ${loss}.`
}

/** `1.37`, `10,000` */
function formatTemperature({ temperature }: Temperature): string {
  return temperature < 100 ? temperature.toFixed(2) : whole(temperature)
}

/** The network's own scores and the calibrated ones, `0.223 → 0.198 (0.102-0.311)`. */
function changes({ calibrated, ...own }: PartMetrics) {
  const interval = (...ends: readonly number[]) => {
    const [low, high] = ends.map(decimals)
    return low === high ? '' : ` (${low}-${high})`
  }
  const { loss_low, loss_high, brier_low, brier_high } = calibrated
  return {
    loss: `${decimals(own.loss)} → ${decimals(calibrated.loss)}${interval(loss_low, loss_high)}`,
    brier: `${decimals(own.brier)} → ${decimals(calibrated.brier)}${interval(brier_low, brier_high)}`,
    calibrationError: `${percent(own.calibration_error)} → ${percent(calibrated.calibration_error)}`,
    byChance: `${percent(calibrated.calibration_error_expected)}, up to ${percent(calibrated.calibration_error_p95)}`,
  }
}

/** What to know of probabilities whose temperature was not found between its bounds; empty where it was. */
export function describeOutcome({ outcome, temperature }: Temperature): string {
  switch (outcome) {
    case 'fitted':
      return ''
    case 'lowest temperature':
      return `the temperature is the lowest that is tried, ${temperature}; a lower one would fit validation better still`
    case 'no better than equal probabilities':
      return `on validation the network is no better than equal probabilities, so they are nearly equal: the temperature is the highest that is tried, ${whole(temperature)}`
    case 'every image is right':
      return 'the probabilities are the network’s own, since every validation image is classified correctly and every lower temperature fits better'
    case 'no images':
      return 'the probabilities are the network’s own, since there are no validation images to fit a temperature on'
  }
}

/** How often the chosen configuration is right at which probability; on the page, any configuration. */
function reliabilityBlocks(chosen: string, bins: readonly Bin[], part: EvaluatedPart): Block[] {
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

export function binsTable(bins: readonly Bin[]): Table {
  const rows = bins.map(({ low, high, images, correct, confidence }) => [
    `${(100 * low).toFixed(0)}-${(100 * high).toFixed(0)} %`,
    whole(images),
    percent(confidence),
    `${percent(correct / images)} (${correct}/${images})`,
  ])
  return table('Accuracy by calibrated probability', ['Probability', 'Images', 'Mean probability', 'Accuracy'], rows)
}

/** A loss or a Brier score with three decimals. */
function decimals(value: number): string {
  return Number.isNaN(value) ? MISSING : value.toFixed(3)
}
