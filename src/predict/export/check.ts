import { readFile } from 'node:fs/promises'
import * as ort from 'onnxruntime-web'
import { type Examples, readBatches } from '../../batches/batches.ts'
import { openProgress } from '../../core/progress.ts'
import { rowsOf } from '../../network/predict.ts'
import { openNovelty } from '../../scores/novelty.ts'
import { openAnswering } from '../answer.ts'
import type { Chosen } from '../chosen.ts'

/** Differences of probabilities up to this are rounding. */
export const TOLERANCE = 1e-4
const BATCH_SIZE = 32

/** How far the exported network agrees with the trained one. */
export interface Agreement {
  readonly images: number
  /** Of any probability of any image, in [0, 1]. */
  readonly greatestDifference: number
  /** Of the distance of any image from the training images; null where there are none to compare with. */
  readonly greatestDistanceDifference: number | null
  /** Images whose predicted class differs. */
  readonly otherAnswers: number
  /** Those of them where the two greatest probabilities lie further apart than `TOLERANCE`. */
  readonly contradictions: number
}

/** What is compared of the answer for one image. */
export interface ComparedAnswer {
  /** In the order of the classes. */
  readonly probabilities: readonly number[]
  readonly distance: number | null
}

/** Compares the answers of two networks for the same images. */
export function compareAnswers(ours: readonly ComparedAnswer[], theirs: readonly ComparedAnswer[]): Agreement {
  let [greatestDifference, otherAnswers, contradictions] = [0, 0, 0]
  let greatestDistanceDifference: number | null = null
  ours.forEach(({ probabilities: row, distance }, image) => {
    const { probabilities: other = [], distance: otherDistance = null } = theirs[image] ?? {}
    const differences = row.map((value, place) => differenceOf(value, other[place]))
    greatestDifference = Math.max(greatestDifference, ...differences)
    if (distance !== null) {
      const difference = differenceOf(distance, otherDistance ?? undefined)
      greatestDistanceDifference = Math.max(greatestDistanceDifference ?? 0, difference)
    }
    if (placeOfGreatest(row) === placeOfGreatest(other)) return
    otherAnswers++
    const [first = 0, second = 0] = [...row].sort((a, b) => b - a)
    if (first - second > TOLERANCE) contradictions++
  })
  return { images: ours.length, greatestDifference, greatestDistanceDifference, otherAnswers, contradictions }
}

/** NaN, of a missing or broken value, counts as the greatest. */
function differenceOf(value: number, other = Number.NaN): number {
  const difference = Math.abs(value - other)
  return difference >= 0 ? difference : 1
}

/**
 * Runs images through TensorFlow, and through the ONNX file in ONNX Runtime, and compares the probabilities and the distances
 * from the training images.
 */
export async function checkOnnx(path: string, chosen: Chosen, examples: Examples): Promise<Agreement> {
  return compareAnswers(await answersOf(chosen, examples), await onnxAnswersOf(path, chosen, examples))
}

async function answersOf(chosen: Chosen, examples: Examples): Promise<ComparedAnswer[]> {
  const answering = openAnswering(chosen)
  const answers: ComparedAnswer[] = []
  try {
    for await (const { values, labels } of readBatches(examples, [...Array(examples.count).keys()], BATCH_SIZE)) {
      for (const { probabilities, distance } of answering.answer(values, labels.length)) {
        const row = chosen.model.classes.map((name) => probabilities[name] ?? Number.NaN)
        answers.push({ probabilities: row, distance })
      }
    }
    return answers
  } finally {
    answering.dispose()
  }
}

async function onnxAnswersOf(path: string, { model, novelty }: Chosen, examples: Examples): Promise<ComparedAnswer[]> {
  const compare = novelty && openNovelty(novelty, model.classes)
  const session = await ort.InferenceSession.create(await readFile(path))
  const [height = 0, width = 0, channels = 0] = examples.inputShape
  using progress = openProgress('export: images checked', examples.count)
  const answers: ComparedAnswer[] = []
  try {
    for await (const { values, labels } of readBatches(examples, [...Array(examples.count).keys()], BATCH_SIZE)) {
      const count = labels.length
      const pixels = channelsFirst(values as Uint8Array, { count, area: height * width, channels })
      const input = new ort.Tensor('float32', pixels, [count, channels, height, width])
      const { probabilities, features } = await session.run({ pixel_values: input })
      const rows = rowsOf(features?.data as Float32Array, count)
      rowsOf(probabilities?.data as Float32Array, count).forEach((row, place) => {
        const distance = compare?.(Float32Array.from(rows[place] ?? [])).distance ?? null
        answers.push({ probabilities: row, distance })
      })
      progress.update(answers.length)
    }
  } finally {
    await session.release()
  }
  return answers
}

/** `[N, S, S, C]` uint8 to `[N, C, S, S]` float32. */
function channelsFirst(
  values: Uint8Array,
  { count, area, channels }: { readonly count: number; readonly area: number; readonly channels: number },
): Float32Array {
  const result = new Float32Array(values.length)
  for (let image = 0; image < count; image++) {
    const start = image * area * channels
    for (let pixel = 0; pixel < area; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        result[start + channel * area + pixel] = values[start + pixel * channels + channel] ?? 0
      }
    }
  }
  return result
}

function placeOfGreatest(row: readonly number[]): number {
  return row.reduce((best, value, place) => (value > (row[best] ?? 0) ? place : best), 0)
}
