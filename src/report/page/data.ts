import type { Spec } from 'vega'
import { rankConfigurations } from '../../gate/gate.ts'
import { capital } from '../../scores/format.ts'
import type { HeatMaps } from '../../scores/heat-maps.ts'
import { type CalibratedImage, EVALUATED_PARTS, type EvaluatedPart } from '../../scores/predictions.ts'
import { metricsOf } from '../../scores/results.ts'
import { type CurvePoint, type CurveScore, curvePoints } from '../curves.ts'
import type { Evaluated } from '../inputs.ts'
import { type ReliabilityPoint, reliabilityPoints } from '../reliability.ts'
import { describeCalibration } from '../sections/probabilities.ts'
import type { ChosenImage } from './images.ts'

/** All that the page's program knows, as JSON in the page; classes and images are named by their place in the lists. */
export interface PageData {
  readonly classes: readonly string[]
  /** Parts that have images, in the order of every table. */
  readonly parts: readonly EvaluatedPart[]
  /** The best on validation first, which is the chosen one if there is one. */
  readonly configurations: readonly ConfigurationData[]
  readonly images: readonly ImageData[]
  /** Candidates for relabelling, and how many there are with those that the page leaves out. */
  readonly candidates: { readonly places: readonly number[]; readonly all: number }
  /** Groups of near duplicates, and how many there are with those that the page leaves out. */
  readonly nearDuplicates: { readonly groups: readonly (readonly number[])[]; readonly all: number }
  readonly charts: { readonly curves: Readonly<Record<CurveScore, Spec>>; readonly reliability: Spec }
}

export interface ConfigurationData {
  readonly name: string
  readonly curves: Readonly<Record<CurveScore, readonly CurvePoint[]>>
  /** `[actual][predicted]` counts. */
  readonly confusion: Readonly<Partial<Record<EvaluatedPart, readonly (readonly number[])[]>>>
  readonly calibration: Readonly<Partial<Record<EvaluatedPart, CalibrationData>>>
  /** What it predicts for each image; null for training images. */
  readonly answers: readonly (AnswerData | null)[]
  /** Its heat maps by the place of the image, as base64 of `[height, width]` bytes. */
  readonly heat: {
    readonly height: number
    readonly width: number
    readonly maps: Readonly<Record<number, { readonly prediction: string; readonly label: string }>>
  }
}

/** Reliability of calibrated probabilities, and a sentence on what calibration changed. */
export interface CalibrationData {
  readonly points: readonly ReliabilityPoint[]
  readonly summary: string
}

export interface AnswerData {
  readonly prediction: number
  /** Calibrated probabilities of the likeliest classes and of the label: class and probability, the likeliest first. */
  readonly probabilities: readonly (readonly [number, number])[]
}

export interface ImageData {
  readonly id: string
  readonly part: EvaluatedPart | 'train'
  readonly label: number
  /** A data URI. */
  readonly thumbnail: string
}

/** What the page's data are made from. */
export interface PageContent {
  readonly evaluations: Readonly<Record<string, Evaluated>>
  readonly heat: Readonly<Record<string, HeatMaps>>
  readonly images: readonly ChosenImage[]
  readonly thumbnails: readonly string[]
  /** Ids of candidates for relabelling. */
  readonly candidates: readonly string[]
  readonly nearDuplicates: { readonly groups: readonly (readonly string[])[]; readonly all: number }
  readonly charts: PageData['charts']
}

/** At most this many classes are shown with an image, and its label. */
const SHOWN_CLASSES = 4

/** The data of the page's program. */
export function pageData(content: PageContent): PageData {
  const { evaluations, images, thumbnails, candidates, nearDuplicates, charts } = content
  const names = rankConfigurations(metricsOf(evaluations))
  const first = evaluations[names[0] ?? '']
  const classes = first?.confusion.validation.classes ?? []
  const places = new Map(images.map(({ id }, place) => [id, place]))
  const placesOf = (ids: readonly string[]) => ids.flatMap((id) => places.get(id) ?? [])
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
    candidates: { places: placesOf(candidates), all: candidates.length },
    nearDuplicates: { groups: nearDuplicates.groups.map(placesOf), all: nearDuplicates.all },
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
  const { metrics, history, confusion, predictions, reliability } = evaluated
  const answers = new Map(predictions.map((image) => [image.id, image]))
  const parts = EVALUATED_PARTS.filter((part) => metrics[part].images > 0)
  const ofPart = <T>(value: (part: EvaluatedPart) => T) => Object.fromEntries(parts.map((part) => [part, value(part)]))
  const curves = { name, history, bestEpoch: metrics.best_epoch }
  return [
    {
      name,
      curves: {
        accuracy: curvePoints('accuracy', curves),
        loss: curvePoints('loss', curves),
        macro_f1: curvePoints('macro_f1', curves),
      },
      confusion: ofPart((part) => confusion[part].counts),
      calibration: ofPart((part) => ({
        points: reliabilityPoints(reliability[part]),
        summary: capital(describeCalibration(evaluated, part)),
      })),
      answers: images.map(({ id }) => answerData(answers.get(id), classes)),
      heat: heatData(heat[name], images),
    },
  ]
}

function answerData(image: CalibratedImage | undefined, classes: readonly string[]): AnswerData | null {
  if (!image) return null
  const [prediction, label] = [image.prediction, image.label].map((name) => classes.indexOf(name))
  const ranked = image.calibrated.map((probability, place) => [place, Number(probability.toFixed(4))] as const)
  ranked.sort(([a, p], [b, q]) => q - p || Number(b === prediction) - Number(a === prediction) || a - b)
  return {
    prediction: prediction ?? -1,
    probabilities: ranked.filter(([place], rank) => rank < SHOWN_CLASSES || place === label),
  }
}

/** The maps of each image that has one of its prediction, which comes first in the file, and one of its label. */
function heatData(heat: HeatMaps | undefined, images: readonly ChosenImage[]): ConfigurationData['heat'] {
  const { height = 0, width = 0, maps = [] } = heat ?? {}
  const byImage = Map.groupBy(maps, ({ id }) => id)
  const encoded = (values: Uint8Array) => Buffer.from(values).toString('base64')
  const entries = images.flatMap(({ id, label }, place) => {
    const [prediction, ...others] = byImage.get(id) ?? []
    const ofLabel = others.find((map) => map.class === label)
    return prediction && ofLabel
      ? [[place, { prediction: encoded(prediction.values), label: encoded(ofLabel.values) }] as const]
      : []
  })
  return { height, width, maps: Object.fromEntries(entries) }
}
