import {
  accuracyWithInterval,
  capital,
  enumerated,
  percent,
  pluralize,
  score,
  scoreWithInterval,
  whole,
} from '../scores/format.ts'
import type { Metrics } from '../scores/metrics.ts'
import { EVALUATED_PARTS } from '../scores/predictions.ts'
import type { DataCard } from './data-card.ts'
import { type Block, code, list, paragraph, section, type Table, type Text, table, text } from './document.ts'
import type { Evaluated } from './inputs.ts'
import { type ReportParams, trainingOf } from './params.ts'
import { classTable } from './sections/confusion.ts'
import { partsTable } from './sections/data.ts'
import { describeCalibration, describeOutcome } from './sections/probabilities.ts'
import { blocksInMarkdown, tableLines, writeMarkdown } from './write-markdown.ts'

/** The text of results/model-card.md: what the chosen model is for, what it was made from, and how good it is. */
export function formatModelCard(
  chosen: string,
  evaluated: Evaluated | undefined,
  { params, data }: { readonly params: ReportParams; readonly data: DataCard },
): string {
  if (!evaluated) {
    const reason = 'No configuration has a validation accuracy, so there is no model to describe.'
    return writeMarkdown('Model card', [paragraph(reason)], [])
  }
  const { holdout, validation } = evaluated.metrics
  const [part, scores] = holdout.images > 0 ? (['holdout', holdout] as const) : (['validation', validation] as const)
  const titled = (title: string, ...blocks: readonly Block[]) => section({ id: '', title }, blocks)
  return writeMarkdown(
    text`Model card: ${code(chosen)}`,
    [paragraph(about(params, evaluated))],
    [
      titled(
        'Intended use',
        paragraph(
          `The model tells ${enumerated(data.classes)} apart on images like those it was trained on, with one subject in each image. ${foreign(evaluated)}`,
        ),
      ),
      titled('Data', partsTable(data), paragraph(DATA)),
      titled(
        'How good it is',
        metricsTable(evaluated),
        paragraph(METRICS),
        ...(scores.images > 0 ? [paragraph(`Each class on the ${part} images:`), classTable(scores)] : []),
      ),
      titled('Calibration', paragraph(calibration(evaluated, part))),
      titled('Limits', list(limits(data, evaluated))),
      titled('Identity', identityTable(params, chosen, evaluated), paragraph(IDENTITY)),
    ],
  )
}

/** What the model does with an image of anything else. */
function foreign({ metrics: { novelty } }: Evaluated): string {
  const { limit = null, false_refusals: rate } = novelty ?? {}
  return limit === null || typeof rate !== 'number'
    ? 'It gives every image one of these classes: it knows no other, so an image of anything else gets one too, often with a high probability.'
    : `An image whose features lie more than ${limit.toFixed(3)} from those of the training images is none of these, and gets no class; so do up to ${percent(rate)} of the images of the classes. It knows no other class: an image of anything else that lies nearer gets one of these, often with a high probability.`
}

/** The lines of the card that follow from the parameters and the metrics of the chosen model. */
export function cardLines(chosen: string, metrics: Metrics, params: Pick<ReportParams, 'report' | 'image'>): string[] {
  const title = writeMarkdown(text`Model card: ${code(chosen)}`, [], []).trimEnd()
  return [
    title,
    blocksInMarkdown([paragraph(about(params, { metrics }))]),
    ...tableLines(metricsTable({ metrics })).split('\n'),
  ]
}

function about(
  { report, image }: Pick<ReportParams, 'report' | 'image'>,
  { metrics }: Pick<Evaluated, 'metrics'>,
): string {
  const { architecture, mode } = metrics
  const { parameters, trainable_parameters: trainable, epochs, best_epoch: best } = metrics
  return `${report.title}: architecture ${architecture}, mode ${mode}, ${whole(parameters)} parameters, ${whole(trainable)} of them trainable, images of ${image.size} × ${image.size} pixels (${image.fit}). It was chosen for its validation accuracy. It was trained for ${pluralize(epochs, 'epoch')} and keeps the weights of epoch ${best}.`
}

const DATA = text`The training images set the weights; the validation images chose the epoch, the configuration and the temperature; the holdout and test images chose nothing in the training of this model. ${code('results/README.md')} in the repository says more about them.`

function metricsTable({ metrics }: Pick<Evaluated, 'metrics'>): Table {
  const rows = EVALUATED_PARTS.map((part) => {
    const scores = metrics[part]
    return [
      capital(part),
      accuracyWithInterval(scores),
      percent(scores.accuracy_at_least),
      scoreWithInterval(scores.macro_f1, scores.macro_f1_low, scores.macro_f1_high),
      scoreWithInterval(scores.macro_auc, scores.macro_auc_low, scores.macro_auc_high),
    ]
  })
  return table('Scores of the model', ['Part', 'Accuracy', 'At least', 'F1', 'ROC AUC'], rows)
}

const METRICS =
  'Each accuracy comes with its counts and the exact 95 % interval (Clopper-Pearson) in percent, F1 and ROC AUC with a bootstrap interval. At least: the one-sided 95 % lower bound of the accuracy. Validation flatters, since it chose the model.'

function calibration(evaluated: Evaluated, part: 'holdout' | 'validation'): string {
  const outcome = describeOutcome(evaluated.calibration)
  const bound = outcome === '' ? '' : ` ${capital(outcome)}.`
  if (outcome !== '' && evaluated.calibration.temperature === 1) return bound.trim()
  const { calibration_error_equal_mass: before, calibrated } = evaluated.metrics[part]
  return `The temperature fits the validation images best.${bound} On the ${part} images: ${describeCalibration(evaluated, part)} Over bins of equal mass, the calibration error is ${percent(before)} → ${percent(calibrated.calibration_error_equal_mass)}.`
}

function limits(data: DataCard, { metrics }: Evaluated): Text[] {
  const [worst] = [...metrics.holdout.per_class].sort(([, a], [, b]) => a.recall - b.recall)
  return [
    `It was measured on ${whole(metrics.holdout.images)} holdout and ${whole(metrics.test.images)} test images; the intervals above show how much that proves.`,
    'Its accuracy holds for images of the same kind and sources as the training images. Images of other kinds were not measured: from other sources or cameras, in another style, photographs where it was trained on drawings, or drawings where it was trained on photographs.',
    ...(worst && worst[1].recall < 1
      ? [
          `It misses ${worst[0]} most often: recall ${score(worst[1].recall)} on ${pluralize(worst[1].support, 'holdout image')}.`,
        ]
      : []),
    ...(data.rejected.length > 0
      ? [`${pluralize(data.rejected.length, 'file')} could not be read; nothing here holds for such images.`]
      : []),
    'It is not fit for decisions in which a wrong answer does harm.',
  ]
}

function identityTable(
  params: ReportParams,
  chosen: string,
  { identity: { model, testSet, weights } }: Evaluated,
): Table {
  const { seed, threads, deterministic } = trainingOf(params, chosen)
  const rows = [
    ['model', model.digest],
    ...Object.entries(model.files).map(([name, hash]) => [`model/${name}`, hash]),
    ['test set', testSet],
    ...(weights
      ? [
          ['first weights', weights.source],
          ['their checksum', weights.checksum],
          ['their licence', weights.licence],
        ]
      : []),
    ['seed', String(seed)],
    ['threads', threads === null ? 'all cores' : String(threads)],
    ['deterministic', String(deterministic)],
  ]
  const cells = rows.map(([what = '', value = '']) => [what, code(value)])
  return table('What the model was made from', ['What', 'Value'], cells, { words: [0, 1] })
}

const IDENTITY = text`Digests are SHA-256. The images are pinned by ${code('data.dvc')}, everything that went into the model by ${code('dvc.lock')}, in the commits of the repository whose ${code('results/model-card.md')} has this digest. The same inputs give the same bytes on the same kind of processor; ${code('npm run certify')} trains the model again and compares. On a GPU some gradients may differ in their last bits, unless ${code('train.deterministic')} is true.`
