import type { Spec } from 'vega'
import type { EvaluatedPart } from '../../scores/predictions.ts'

/** All that the page's script knows. It stands in the page as JSON; classes and images are named by their places in the lists. */
export interface PageData {
  readonly classes: readonly string[]
  /** Parts that have images, in the order of every table. */
  readonly parts: readonly EvaluatedPart[]
  /** The best by validation first, which is the chosen one where there is one. */
  readonly configurations: readonly ConfigurationData[]
  readonly images: readonly ImageData[]
  /** Places of images that are candidates for relabelling, and how many there are with those that the page leaves out. */
  readonly trouble: Readonly<
    Record<'sureButWrong' | 'wrongForAll', { readonly places: readonly number[]; readonly all: number }>
  >
  /** Groups of near duplicates, as places of images. */
  readonly nearDuplicates: readonly (readonly number[])[]
  readonly charts: { readonly curves: Readonly<Record<CurveScore, Spec>>; readonly reliability: Spec }
}

/** What a curve may show over the epochs. */
export const CURVE_SCORES = ['accuracy', 'loss', 'macro_f1'] as const
export type CurveScore = (typeof CURVE_SCORES)[number]

export interface ConfigurationData {
  readonly name: string
  readonly bestEpoch: number
  readonly curves: Readonly<Record<CurveScore, readonly CurvePoint[]>>
  /** Counts, a row an actual class, a column a predicted one. */
  readonly confusion: Readonly<Partial<Record<EvaluatedPart, readonly (readonly number[])[]>>>
  /** Scores of each class, in their order. */
  readonly classScores: Readonly<Partial<Record<EvaluatedPart, readonly ClassData[]>>>
  readonly calibration: Readonly<Partial<Record<EvaluatedPart, CalibrationData>>>
  readonly temperature: number
  /** What it says of each image, by place; null of training images. */
  readonly answers: readonly (AnswerData | null)[]
  /** Size of its heat maps, and the maps themselves by the place of the image, as base64 of height x width bytes. */
  readonly heat: {
    readonly height: number
    readonly width: number
    readonly maps: Readonly<Record<number, { readonly prediction: string; readonly label: string }>>
  }
}

/** Null stands for a score that does not exist. */
export interface ClassData {
  readonly precision: number | null
  readonly recall: number | null
  readonly f1: number | null
  readonly auc: number | null
  readonly support: number
}

export interface CurvePoint {
  readonly configuration: string
  readonly series: 'training' | 'validation'
  readonly epoch: number
  readonly value: number
}

/** Reliability of calibrated probabilities, and scores of the network's own (`raw`) and of calibrated ones. */
export interface CalibrationData {
  readonly bins: readonly ReliabilityPoint[]
  readonly images: number
  readonly raw: ProbabilityData
  readonly calibrated: ProbabilityData
}

export interface ProbabilityData {
  readonly error: number
  readonly brier: number
  readonly loss: number
}

export interface ReliabilityPoint {
  readonly confidence: number
  readonly share: number
  /** The exact 95 % interval of the share. */
  readonly low: number
  readonly high: number
  readonly images: number
}

export interface AnswerData {
  readonly prediction: number
  /** Calibrated probabilities of the likeliest classes, the label always among them: class and probability, the likeliest first. */
  readonly probabilities: readonly (readonly [number, number])[]
}

export interface ImageData {
  readonly id: string
  readonly part: EvaluatedPart | 'train'
  readonly label: number
  /** A data URI. */
  readonly thumbnail: string
}
