import { z } from 'zod'
import { writeCsv } from '../core/csv.ts'
import { exists, readJson, writeFileAtomically } from '../core/files.ts'
import { byPart, EVALUATED_PARTS, type EvaluatedPart, type PredictedImage, readByPart } from './predictions.ts'
import { sum } from './scores.ts'
import { OUTCOMES, type Temperature } from './temperature.ts'

/** The probability of a prediction, and whether it is right. */
export interface Certainty {
  readonly probability: number
  readonly right: boolean
}

/** The certainty of each image, of the class in `prediction`, since calibrated probabilities may tie. */
export function certaintiesOf(images: readonly PredictedImage[], classes: readonly string[]): Certainty[] {
  const places = new Map(classes.map((name, place) => [name, place]))
  return images.map(({ label, prediction, probabilities }) => ({
    probability: probabilities[places.get(prediction) ?? -1] ?? Number.NaN,
    right: label === prediction,
  }))
}

export interface Bin {
  /** The probabilities lie in (low, high]; in bins of equal mass these are the smallest and the largest one. */
  readonly low: number
  readonly high: number
  readonly images: number
  readonly correct: number
  /** Mean probability of the predictions. */
  readonly confidence: number
}

/** Bins of both kinds. Source: Guo et al., On Calibration of Modern Neural Networks, https://arxiv.org/abs/1706.04599 */
const BINS = 15

const EDGES = Array.from({ length: BINS + 1 }, (_, place) => place / BINS)

/** The reliability table: fifteen bins of equal width over (0, 1], without the empty ones. */
export function equalWidthBins(certainties: readonly Certainty[]): Bin[] {
  return byWidth(certainties).map(([place, members]) =>
    binOf(members, EDGES[place] ?? Number.NaN, EDGES[place + 1] ?? Number.NaN),
  )
}

/** The certainties in each of these bins, and its place. */
export function byWidth(certainties: readonly Certainty[]): [number, Certainty[]][] {
  return grouped(certainties, ({ probability }) => EDGES.slice(1, -1).filter((edge) => edge < probability).length)
}

/** At most fifteen bins with as equal a number of images as ties allow: equal probabilities share a bin, in any order. */
export function equalMassBins(certainties: readonly Certainty[]): Bin[] {
  const sorted = certainties.map(({ probability }) => probability).sort((a, b) => a - b)
  const lower = new Map<number, number>()
  for (const [place, probability] of sorted.entries()) if (!lower.has(probability)) lower.set(probability, place)
  const placeOf = ({ probability }: Certainty): number =>
    Math.floor((BINS * (lower.get(probability) ?? 0)) / sorted.length)
  return grouped(certainties, placeOf).map(([, members]) => {
    const probabilities = Float64Array.from(members, ({ probability }) => probability).sort()
    return binOf(members, probabilities[0] ?? Number.NaN, probabilities.at(-1) ?? Number.NaN)
  })
}

/** Expected calibration error: the mean over images of |accuracy - mean probability| of their bin; NaN without images. */
export function calibrationError(bins: readonly Bin[]): number {
  const images = sum(bins.map((bin) => bin.images))
  return sum(bins.map((bin) => Math.abs(bin.correct - bin.confidence * bin.images))) / images
}

const NUMBERS = ['low', 'high', 'images', 'correct', 'confidence'] as const

/** Writes reliability.csv: the bins of each part; six decimals. */
export async function writeReliability(
  path: string,
  reliability: Readonly<Record<EvaluatedPart, readonly Bin[]>>,
): Promise<void> {
  const rows = EVALUATED_PARTS.flatMap((part) =>
    reliability[part].map(({ low, high, images, correct, confidence }) => ({
      ...{ part, images, correct },
      ...{ low: low.toFixed(6), high: high.toFixed(6), confidence: confidence.toFixed(6) },
    })),
  )
  await writeCsv(path, ['part', ...NUMBERS], rows)
}

export async function readReliability(path: string): Promise<Record<EvaluatedPart, Bin[]>> {
  const rows = await readByPart(path, NUMBERS)
  const binIn = (row: (typeof rows)['test'][number]) =>
    Object.fromEntries(NUMBERS.map((column) => [column, Number(row[column])])) as unknown as Bin
  return byPart((part) => rows[part].map(binIn))
}

const temperatureSchema = z.object({
  method: z.literal('temperature'),
  temperature: z.number().positive(),
  outcome: z.enum(OUTCOMES),
})

export async function writeCalibration(path: string, { temperature, outcome }: Temperature): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify({ method: 'temperature', temperature, outcome }, null, 2)}\n`)
}

/** Reads a calibration.json. @throws DataError when it is missing or holds something else. */
export async function readCalibration(path: string): Promise<Temperature> {
  return readJson(path, temperatureSchema, { what: 'a calibration', remedy: 'Run evaluate again.' })
}

/** The same for a model that may not be evaluated yet: undefined without a file. */
export async function readCalibrationIfThere(path: string): Promise<Temperature | undefined> {
  return (await exists(path)) ? readCalibration(path) : undefined
}

/** The images of each place that has some, in the order of the places. */
function grouped(certainties: readonly Certainty[], placeOf: (certainty: Certainty) => number) {
  return [...Map.groupBy(certainties, placeOf)].sort(([a], [b]) => a - b)
}

function binOf(members: readonly Certainty[], low: number, high: number): Bin {
  return {
    low,
    high,
    images: members.length,
    correct: members.filter(({ right }) => right).length,
    confidence: sum(members.map(({ probability }) => probability)) / members.length,
  }
}
