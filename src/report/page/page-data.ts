import { rankConfigurations } from '../../gate/gate.ts'
import type { Bin } from '../../scores/calibration.ts'
import type { HeatMaps } from '../../scores/heat-maps.ts'
import type { HistoryRow } from '../../scores/history.ts'
import { clopperPearson } from '../../scores/interval.ts'
import type { Metrics, ProbabilityScores } from '../../scores/metrics.ts'
import { type CalibratedImage, EVALUATED_PARTS, type EvaluatedPart } from '../../scores/predictions.ts'
import { metricsOf } from '../../scores/results.ts'
import type { Evaluated } from '../evaluations.ts'
import type { ChosenImage } from './choose-images.ts'
import type {
  AnswerData,
  CalibrationData,
  ClassData,
  ConfigurationData,
  CurvePoint,
  PageData,
  ReliabilityPoint,
} from './data.ts'

/** Classes whose probabilities are shown with an image, at most; the label comes on top of them. */
const SHOWN_CLASSES = 4

/** What the page's data are made from. */
export interface PageContent {
  readonly evaluations: Readonly<Record<string, Evaluated>>
  readonly heat: Readonly<Record<string, HeatMaps>>
  readonly images: readonly ChosenImage[]
  readonly thumbnails: readonly string[]
  /** Ids of candidates for relabelling. */
  readonly trouble: Readonly<Record<keyof PageData['trouble'], readonly string[]>>
  readonly nearDuplicates: readonly (readonly string[])[]
  readonly charts: PageData['charts']
}

/** The data of the page's script. */
export function pageData(content: PageContent): PageData {
  const { evaluations, images, thumbnails, trouble, nearDuplicates, charts } = content
  const names = rankConfigurations(metricsOf(evaluations))
  const first = evaluations[names[0] ?? '']
  const classes = first?.confusion.validation.classes ?? []
  const places = new Map(images.map(({ id }, place) => [id, place]))
  const placesOf = (ids: readonly string[]) => ids.flatMap((id) => places.get(id) ?? [])
  const candidates = (ids: readonly string[]) => ({ places: placesOf(ids), all: ids.length })
  return {
    classes,
    parts: EVALUATED_PARTS.filter((part) => (first?.metrics[part].images ?? 0) > 0),
    configurations: names.flatMap((name) => configurationData(name, classes, content)),
    images: images.map(({ id, part, label }, place) => ({
      id,
      part,
      label: classes.indexOf(label),
      thumbnail: thumbnails[place] ?? '',
    })),
    trouble: { sureButWrong: candidates(trouble.sureButWrong), wrongForAll: candidates(trouble.wrongForAll) },
    nearDuplicates: nearDuplicates.map(placesOf),
    charts,
  }
}

function configurationData(
  name: string,
  classes: readonly string[],
  { evaluations, heat, images }: PageContent,
): ConfigurationData[] {
  const evaluated = evaluations[name]
  if (!evaluated) return []
  const { metrics, history, confusion, predictions, calibration } = evaluated
  const answers = new Map(predictions.map((image) => [image.id, image]))
  const parts = EVALUATED_PARTS.filter((part) => metrics[part].images > 0)
  const ofPart = <T>(value: (part: EvaluatedPart) => T) => Object.fromEntries(parts.map((part) => [part, value(part)]))
  return [
    {
      name,
      bestEpoch: metrics.best_epoch,
      curves: curvesOf(name, history),
      confusion: ofPart((part) => confusion[part].counts),
      classScores: ofPart((part) => classes.map((each) => classData(metrics[part].per_class[each]))),
      calibration: ofPart((part) => calibrationData(evaluated, part)),
      temperature: calibration.temperature,
      answers: images.map(({ id }) => answerData(answers.get(id), classes)),
      heat: heatData(heat[name], images),
    },
  ]
}

function classData(scores: Metrics['test']['per_class'][string] | undefined): ClassData {
  const existing = (value: number | undefined): number | null =>
    value === undefined || Number.isNaN(value) ? null : value
  const { precision, recall, f1, auc, support = 0 } = scores ?? {}
  return { precision: existing(precision), recall: existing(recall), f1: existing(f1), auc: existing(auc), support }
}

function curvesOf(configuration: string, history: readonly HistoryRow[]): ConfigurationData['curves'] {
  const points = (
    series: CurvePoint['series'],
    column: 'loss' | 'accuracy' | (`validation_${string}` & keyof HistoryRow),
  ) => history.map((row) => ({ configuration, series, epoch: row.epoch, value: Number(row[column]) }))
  return {
    accuracy: [...points('training', 'accuracy'), ...points('validation', 'validation_accuracy')],
    loss: [...points('training', 'loss'), ...points('validation', 'validation_loss')],
    macro_f1: points('validation', 'validation_macro_f1'),
  }
}

function calibrationData({ metrics, reliability }: Evaluated, part: EvaluatedPart): CalibrationData {
  const scores = metrics[part]
  return {
    bins: reliability[part].map(pointOf),
    images: scores.images,
    raw: probabilityData(scores),
    calibrated: probabilityData(scores.calibrated),
  }
}

function pointOf({ images, correct, confidence }: Bin): ReliabilityPoint {
  const { low, high } = clopperPearson(correct, images)
  return { confidence, share: correct / images, low: rounded(low), high: rounded(high), images }
}

function probabilityData({ calibration_error, brier, loss }: ProbabilityScores) {
  return { error: calibration_error, brier, loss }
}

function answerData(image: CalibratedImage | undefined, classes: readonly string[]): AnswerData | null {
  if (!image) return null
  const [prediction, label] = [image.prediction, image.label].map((name) => classes.indexOf(name))
  const ranked = image.calibrated.map((probability, place) => [place, rounded(probability)] as const)
  ranked.sort(([a, p], [b, q]) => q - p || Number(b === prediction) - Number(a === prediction) || a - b)
  return {
    prediction: prediction ?? -1,
    probabilities: ranked.filter(([place], rank) => rank < SHOWN_CLASSES || place === label),
  }
}

function heatData(explained: HeatMaps | undefined, images: readonly ChosenImage[]): ConfigurationData['heat'] {
  const { height = 0, width = 0, maps = [] } = explained ?? {}
  const encoded = new Map(maps.map((map) => [keyOf(map.id, map.class), Buffer.from(map.values).toString('base64')]))
  const predictions = new Map(maps.map((map) => [map.id, map.class]).reverse() as [string, string][]) // the first one wins
  const entries = images.flatMap(({ id, label }, place) => {
    const prediction = encoded.get(keyOf(id, predictions.get(id) ?? ''))
    const ofLabel = encoded.get(keyOf(id, label))
    return prediction !== undefined && ofLabel !== undefined ? [[place, { prediction, label: ofLabel }] as const] : []
  })
  return { height, width, maps: Object.fromEntries(entries) }
}

function keyOf(id: string, name: string): string {
  return JSON.stringify([id, name])
}

/** Four decimals, which is more than a page shows. */
function rounded(value: number): number {
  return Number(value.toFixed(4))
}
