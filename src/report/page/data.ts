import type { Spec } from 'vega'
import { capital } from '../../scores/format.ts'
import type { HeatMaps } from '../../scores/heat-maps.ts'
import { type CalibratedImage, EVALUATED_PARTS, type EvaluatedPart } from '../../scores/predictions.ts'
import { cellsOf } from '../confusions.ts'
import { type CurveScore, curvePoints } from '../curves.ts'
import { type Evaluated, type Evaluations, ranked } from '../inputs.ts'
import { reliabilityPoints } from '../reliability.ts'
import { describeCalibration } from '../sections/probabilities.ts'
import type { ChosenImage } from './images.ts'

export interface PageContent {
  readonly evaluations: Evaluations
  readonly heat: Readonly<Record<string, HeatMaps>>
  readonly images: readonly ChosenImage[]
  /** Data URIs, in the order of the images. */
  readonly thumbnails: readonly string[]
  /** Ids of candidates for relabelling. */
  readonly candidates: readonly string[]
  readonly nearDuplicates: { readonly groups: readonly (readonly string[])[]; readonly all: number }
  readonly charts: { readonly curves: Readonly<Record<CurveScore, Spec>>; readonly reliability: Spec }
}

/** All that the page's program knows, as JSON in the page; classes and images are named by their place in the lists. */
export type PageData = ReturnType<typeof pageData>
export type ConfigurationData = ReturnType<typeof configurationData>

export function pageData(content: PageContent) {
  const { images, thumbnails, candidates, nearDuplicates, charts } = content
  const evaluations = ranked(content.evaluations)
  const [, first] = evaluations[0] ?? []
  const classes = first?.confusion.validation.classes ?? []
  const places = new Map(images.map(({ id }, place) => [id, place]))
  const placesOf = (ids: readonly string[]) => ids.flatMap((id) => places.get(id) ?? [])
  return {
    classes,
    /** Parts that have images, in the order of every table. */
    parts: EVALUATED_PARTS.filter((part) => (first?.metrics[part].images ?? 0) > 0),
    /** The best on validation first, which is the chosen one if there is one. */
    configurations: evaluations.map(([name, evaluated]) => configurationData(name, evaluated, classes, content)),
    images: images.map(({ id, part, label }, place) => ({
      id,
      part,
      label: classes.indexOf(label),
      thumbnail: thumbnails[place] ?? '',
    })),
    /** Candidates for relabelling, and how many there are with those that the page leaves out. */
    candidates: { places: placesOf(candidates), all: candidates.length },
    /** Groups of near duplicates, and how many there are with those that the page leaves out. */
    nearDuplicates: { groups: nearDuplicates.groups.map(placesOf), all: nearDuplicates.all },
    charts,
  }
}

function configurationData(
  name: string,
  evaluated: Evaluated,
  classes: readonly string[],
  { heat, images }: Pick<PageContent, 'heat' | 'images'>,
) {
  const { metrics, history, confusion, predictions, reliability } = evaluated
  const answers = new Map(predictions.map((image) => [image.id, image]))
  const parts = EVALUATED_PARTS.filter((part) => metrics[part].images > 0)
  const ofPart = <T>(value: (part: EvaluatedPart) => T) => Object.fromEntries(parts.map((part) => [part, value(part)]))
  const curves = { name, history, bestEpoch: metrics.best_epoch }
  return {
    name,
    curves: {
      accuracy: curvePoints('accuracy', curves),
      loss: curvePoints('loss', curves),
      macro_f1: curvePoints('macro_f1', curves),
    },
    confusion: ofPart((part) => cellsOf(confusion[part])),
    /** Reliability of calibrated probabilities, and a sentence on what calibration changed. */
    calibration: ofPart((part) => ({
      points: reliabilityPoints(reliability[part]),
      summary: capital(describeCalibration(evaluated, part)),
    })),
    /** What it predicts for each image; null for training images. */
    answers: images.map(({ id }) => answerData(answers.get(id), classes)),
    heat: heatData(heat[name], images),
  }
}

/** Calibrated probabilities of at most this many classes, and of the label and the prediction, are shown with an image. */
const SHOWN_CLASSES = 4
/** Less is 0.0 % in the page. */
const SHOWN_PROBABILITY = 0.0005

/** The prediction, and `[class, probability]` of the classes that are shown, the likeliest first. */
function answerData(image: CalibratedImage | undefined, classes: readonly string[]) {
  if (!image) return null
  const [prediction = -1, label] = [image.prediction, image.label].map((name) => classes.indexOf(name))
  const probabilities = image.calibrated
    .map((probability, place) => [place, Number(probability.toFixed(4))] as const)
    .sort(([a, p], [b, q]) => q - p || Number(b === prediction) - Number(a === prediction) || a - b)
    .filter(([place, probability], rank) => {
      return place === label || place === prediction || (rank < SHOWN_CLASSES && probability >= SHOWN_PROBABILITY)
    })
  return { prediction, probabilities }
}

/**
 * By the place of the image its maps, as base64 of `[height, width]` bytes: of each image that has one of its prediction,
 * which comes first in the file, and one of its label.
 */
function heatData(heat: HeatMaps | undefined, images: readonly ChosenImage[]) {
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
