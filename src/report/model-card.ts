import { markdownTable } from 'markdown-table'
import type { Params } from '../command-line/params.ts'
import { code, escaped } from '../core/markdown.ts'
import type { Certificate } from '../review/certificate.ts'
import { accuracyWithInterval, MISSING, percent, pluralize, scoreWithInterval, whole } from '../scores/format.ts'
import { EVALUATED_PARTS, type EvaluatedPart } from '../scores/predictions.ts'
import { type Configuration, selectConfiguration } from '../train/params.ts'
import { classTable } from './class-table.ts'
import type { DataCard } from './data-card.ts'
import { partsTable } from './data-section.ts'
import type { Evaluated } from './evaluations.ts'
import { UNFITTED } from './probability-sections.ts'

/** The text where nothing could be chosen. */
export const NO_MODEL =
  '# Model card\n\nNo configuration has a validation accuracy, so there is no model to describe.\n'

/** What results/model-card.md is made from. */
export interface CardContent {
  readonly params: Params
  readonly data: DataCard
  /** The chosen configuration. */
  readonly evaluated: Evaluated
  readonly certificate: Certificate
}

/** The text of results/model-card.md: what the chosen model is for, what it was made from, and how good it is. */
export function formatModelCard(content: CardContent): string {
  const { params, data, evaluated, certificate } = content
  const configuration = selectConfiguration(params, certificate.configuration)
  const sections = [
    `# Model card: ${code(certificate.configuration)}`,
    aboutText(configuration, content),
    '## Intended use',
    `Telling ${data.classes.map(escaped).join(', ')} apart on photographs like those that it was trained on, one subject an image. Every image gets one of these classes: it knows no other, and an image of something else gets one all the same, often with a high probability.`,
    '## Data',
    partsTable(data),
    DATA,
    '## How good it is',
    metricsTable(evaluated),
    METRICS,
    ...perClassTable(evaluated),
    '## Calibration',
    calibrationText(evaluated),
    '## Limits',
    limits(content)
      .map((line) => `- ${line}`)
      .join('\n'),
    '## Certificate',
    certificateTable(certificate),
    CERTIFICATE,
    determinismText(certificate),
  ]
  return `${sections.join('\n\n')}\n`
}

function aboutText({ entry }: Configuration, { params, evaluated }: CardContent): string {
  const { parameters, trainable_parameters: trainable, epochs, best_epoch: best } = evaluated.metrics
  return `${escaped(params.report.title)}: ${entry.architecture}, mode ${entry.mode}, ${whole(parameters)} parameters, ${whole(trainable)} of them trained, images of ${params.image.size} × ${params.image.size} pixels (${params.image.fit}). It was chosen by its validation accuracy; ${whole(epochs)} epochs, the weights of epoch ${best}.`
}

const DATA =
  'Training images set the weights, validation images the epoch, the configuration and the temperature; holdout and test images set nothing. More on them in [README.md](README.md).'

const PARTS: Readonly<Record<EvaluatedPart, string>> = { validation: 'Validation', holdout: 'Holdout', test: 'Test' }

function metricsTable({ metrics }: Evaluated): string {
  const rows = EVALUATED_PARTS.map((part) => {
    const scores = metrics[part]
    return [
      PARTS[part],
      accuracyWithInterval(scores),
      percent(scores.accuracy_at_least),
      scoreWithInterval(scores.macro_f1, scores.macro_f1_low, scores.macro_f1_high),
      decimals(scores.macro_auc),
    ]
  })
  return markdownTable([['Part', 'Accuracy', 'At least', 'F1', 'ROC AUC'], ...rows], {
    align: ['l', 'r', 'r', 'r', 'r'],
  })
}

const METRICS =
  'In brackets: right answers and the exact 95 % interval (Clopper-Pearson) in percent, of F1 by bootstrap. At least: the one-sided bound, with a confidence of 95 %. Validation flatters, since it chose.'

function perClassTable({ metrics: { holdout, validation } }: Evaluated): string[] {
  const [part, scores] = holdout.images > 0 ? (['holdout', holdout] as const) : (['validation', validation] as const)
  return scores.images > 0 ? [`Class by class on the ${part} images:`, classTable(scores)] : []
}

function calibrationText({ calibration, metrics: { holdout, validation, temperature } }: Evaluated): string {
  if (calibration.outcome !== 'fitted')
    return `The probabilities are the network's own: ${UNFITTED[calibration.outcome]}.`
  const [part, scores] = holdout.images > 0 ? (['holdout', holdout] as const) : (['validation', validation] as const)
  const { calibrated } = scores
  return `The logits are divided by ${decimals(temperature)}, which fits validation best. On the ${part} images that takes the calibration error from ${percent(scores.calibration_error)} to ${percent(calibrated.calibration_error)} (fifteen bins of equal width; of equal mass: ${percent(scores.calibration_error_equal_mass)} to ${percent(calibrated.calibration_error_equal_mass)}), the Brier score from ${decimals(scores.brier)} to ${decimals(calibrated.brier)} and the log loss from ${decimals(scores.loss)} to ${decimals(calibrated.loss)}.`
}

function limits({ data, evaluated: { metrics } }: CardContent): string[] {
  const [worst] = Object.entries(metrics.holdout.per_class).sort(([, a], [, b]) => a.recall - b.recall)
  return [
    `It was measured on ${whole(metrics.holdout.images)} holdout and ${whole(metrics.test.images)} test images; the intervals above say how little or much that tells.`,
    'Its accuracy holds for images of the same kind and sources as the training images. Other cameras, drawings, crowds or close-ups were not measured.',
    ...(worst && worst[1].recall < 1
      ? [
          `It finds ${escaped(worst[0])} least often: recall ${percent(worst[1].recall)} of ${whole(worst[1].support)} holdout images.`,
        ]
      : []),
    ...(data.rejected.length > 0
      ? [`${pluralize(data.rejected.length, 'file')} could not be read, and nothing here is about images like these.`]
      : []),
    'It is no basis for a decision that does harm where the answer is wrong.',
  ]
}

function certificateTable(certificate: Certificate): string {
  const { data, versions, files } = certificate
  const rows = [
    ['configuration', certificate.configuration],
    ['seed', String(certificate.seed)],
    ['images (pin in data.dvc)', data.pin],
    ['list of images', data.manifest],
    ['split', data.split],
    ['test set', data.testSet],
    ['parameters', certificate.params],
    ['code, fetch to evaluate', certificate.code],
    ['packages, fetch to evaluate', certificate.packages],
    ['all of these', certificate.stages],
    ...Object.entries(versions).map(([name, version]) => [name, version]),
    ['model', certificate.model],
    ...Object.entries(files).map(([name, hash]) => [name, hash]),
  ]
  return markdownTable([['What', 'Value'], ...rows.map(([what = '', value = '']) => [escaped(what), code(value)])])
}

const CERTIFICATE =
  'Digests are SHA-256. `npm run certify` trains this configuration again, from its images of one size to the model, and says whether the files are identical, or where they differ. The same as JSON: [certificate.json](certificate.json).'

function determinismText({ deterministic, threads }: Certificate): string {
  const gpu = deterministic
    ? 'Ops that need not give the same bytes twice were errors (`train.deterministic`), on a GPU too.'
    : 'On a GPU some gradients may differ in their last bits; `train.deterministic: true` makes them an error.'
  const count =
    threads === null
      ? 'with as many cores (`train.threads` can make them any number)'
      : `with any number of cores (\`train.threads\` is ${threads})`
  return `The same inputs give the same bytes on the same kind of processor ${count}: random numbers come from the seed, sums are added in a fixed order, and no clock or name of a machine goes into a file. Another kind of processor rounds otherwise. ${gpu}`
}

function decimals(value: number): string {
  return Number.isNaN(value) ? MISSING : value.toFixed(3)
}
