import { markdownTable } from 'markdown-table'
import { code } from '../core/markdown.ts'
import { rankConfigurations, type Verdict } from '../gate/gate.ts'
import type { Bin } from '../scores/calibration.ts'
import { MISSING, percent, score, scoreWithInterval, whole } from '../scores/format.ts'
import type { Metrics, PartMetrics } from '../scores/metrics.ts'
import type { EvaluatedPart } from '../scores/predictions.ts'
import { metricsOf } from '../scores/results.ts'
import type { Temperature } from '../scores/temperature.ts'
import type { Evaluated } from './evaluations.ts'
import { PLOTS } from './plots.ts'

/**
 * What the probabilities of the configurations are worth, on the part that chose nothing: holdout, or where it is empty
 * validation, which flatters.
 */
export function probabilitySections(
  evaluations: Readonly<Record<string, Evaluated>>,
  { chosen }: Pick<Verdict, 'chosen'>,
): string[] {
  const part = partThatChoseNothing(metricsOf(evaluations))
  const ranked = rankConfigurations(metricsOf(evaluations)).flatMap((name) => {
    const evaluated = evaluations[name]
    return evaluated && evaluated.metrics[part].images > 0 ? [{ name, evaluated }] : []
  })
  if (ranked.length === 0) return []
  const rows = ranked.map(({ name, evaluated: { metrics, calibration } }) => [
    name === chosen ? `**${name}** (chosen)` : name,
    ...cells(metrics[part]),
    calibration.temperature.toFixed(2),
  ])
  return [
    `## Probabilities on the ${part} images`,
    markdownTable([HEADER, ...rows], { align: ['l', 'r', 'r', 'r', 'r', 'r', 'r'] }),
    ...ranked.flatMap(({ name, evaluated }) => unfittedNote(name, evaluated.calibration)),
    ABOUT,
    ...reliabilitySection(evaluations[chosen ?? ''], chosen, part),
  ]
}

/** Holdout; validation, which chose, where a configuration has no holdout images. */
export function partThatChoseNothing(metrics: Readonly<Record<string, Metrics>>): 'holdout' | 'validation' {
  return Object.values(metrics).every(({ holdout }) => holdout.images > 0) ? 'holdout' : 'validation'
}

const HEADER = ['Configuration', 'F1', 'ROC AUC', 'Log loss', 'Calibration error', 'Brier', 'Temperature']

const ABOUT =
  'F1 with its 95 % interval (bootstrap, drawn anew class by class; none where every image is right); area under the ROC curve of each class against the ' +
  'others, their mean; log loss in nats. An arrow leads from the probabilities of the network to the calibrated ones, whose ' +
  'logits are divided by the temperature that fits validation best. Calibration error: how far probability and share of ' +
  'right answers lie apart, over fifteen bins.'

function cells(scores: PartMetrics): string[] {
  const { calibrated } = scores
  return [
    scoreWithInterval(scores.macro_f1, scores.macro_f1_low, scores.macro_f1_high),
    score(scores.macro_auc),
    `${decimals(scores.loss)} → ${decimals(calibrated.loss)}`,
    `${percent(scores.calibration_error)} → ${percent(calibrated.calibration_error)}`,
    `${decimals(scores.brier)} → ${decimals(calibrated.brier)}`,
  ]
}

/** Why a configuration has no temperature of its own. */
function unfittedNote(name: string, { outcome }: Temperature): string[] {
  if (outcome === 'fitted') return []
  return [`The probabilities of ${code(name)} are kept as they are: ${UNFITTED[outcome]}.`]
}

/** Why probabilities are kept as they are. */
export const UNFITTED: Readonly<Record<Exclude<Temperature['outcome'], 'fitted'>, string>> = {
  'every image is right': 'it reads every validation image, and so no temperature is low enough',
  'no better than equal probabilities': 'on validation they are no better than equal ones, at any temperature',
  'no images': 'there are no validation images to fit a temperature on',
}

/** The reliability table of the chosen configuration. */
function reliabilitySection(evaluated: Evaluated | undefined, chosen = '', part: EvaluatedPart): string[] {
  const bins = evaluated?.reliability[part] ?? []
  if (bins.length === 0) return []
  const header = ['Probability', 'Images', 'Mean probability', 'Right']
  return [
    `![How often ${chosen} is right where it says so, before and after calibration](plots/${PLOTS.reliability}.svg)`,
    `How often ${code(chosen)} is right where it says so, with calibrated probabilities:`,
    markdownTable([header, ...bins.map(binCells)], { align: ['l', 'r', 'r', 'r'] }),
  ]
}

function binCells({ low, high, images, correct, confidence }: Bin): string[] {
  const range = `${(100 * low).toFixed(0)}-${(100 * high).toFixed(0)} %`
  return [range, whole(images), percent(confidence), `${percent(correct / images)} (${correct}/${images})`]
}

function decimals(value: number): string {
  return Number.isNaN(value) ? MISSING : value.toFixed(3)
}
