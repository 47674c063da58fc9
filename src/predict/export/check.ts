import { readFile } from 'node:fs/promises'
import * as ort from 'onnxruntime-web'
import { type Examples, readBatches } from '../../batches/batches.ts'
import { openProgress } from '../../core/progress.ts'
import { predictExamples, rowsOf } from '../../network/predict.ts'
import type { SavedModel } from '../../network/saved.ts'
import { atTemperature } from '../../scores/temperature.ts'
import { openInference } from '../../tensorflow/inference.ts'

/** Differences of probabilities up to this are rounding. */
export const TOLERANCE = 1e-4
const BATCH_SIZE = 32

/** How far the exported network agrees with the trained one. */
export interface Agreement {
  readonly images: number
  /** Of any probability of any image, in [0, 1]. */
  readonly greatestDifference: number
  /** Images whose predicted class differs. */
  readonly otherAnswers: number
  /** Those of them where the two greatest probabilities lie further apart than `TOLERANCE`. */
  readonly contradictions: number
}

/** Compares the probabilities of two networks, rows of `[N, K]`. */
export function compareAnswers(ours: readonly number[][], theirs: readonly number[][]): Agreement {
  let [greatestDifference, otherAnswers, contradictions] = [0, 0, 0]
  ours.forEach((row, image) => {
    const other = theirs[image] ?? []
    const differences = row.map((value, place) => Math.abs(value - (other[place] ?? Number.NaN)))
    // NaN, of a missing or broken value, must count as the greatest
    greatestDifference = Math.max(greatestDifference, ...differences.map((value) => (value >= 0 ? value : 1)))
    if (placeOfGreatest(row) === placeOfGreatest(other)) return
    otherAnswers++
    const [first = 0, second = 0] = [...row].sort((a, b) => b - a)
    if (first - second > TOLERANCE) contradictions++
  })
  return { images: ours.length, greatestDifference, otherAnswers, contradictions }
}

/** Runs images through TensorFlow, and through the ONNX file in ONNX Runtime, and compares the probabilities. */
export async function checkOnnx(
  path: string,
  {
    model,
    temperature,
    examples,
  }: { readonly model: SavedModel; readonly temperature: number; readonly examples: Examples },
): Promise<Agreement> {
  return compareAnswers(await answersOf(model, examples, temperature), await onnxAnswersOf(path, examples))
}

async function answersOf({ graph, weights }: SavedModel, examples: Examples, temperature: number) {
  const inference = openInference({ graph, weights }, { inputShape: examples.inputShape, engine: 'compiled' })
  try {
    const rows = await predictExamples(inference, examples, BATCH_SIZE)
    return rows.map((row) => atTemperature(row, temperature))
  } finally {
    inference.dispose()
  }
}

async function onnxAnswersOf(path: string, examples: Examples): Promise<number[][]> {
  const session = await ort.InferenceSession.create(await readFile(path))
  const [height = 0, width = 0, channels = 0] = examples.inputShape
  using progress = openProgress('export: images checked', examples.count)
  const answers: number[][] = []
  try {
    for await (const { values, labels } of readBatches(examples, [...Array(examples.count).keys()], BATCH_SIZE)) {
      const count = labels.length
      const pixels = channelsFirst(values as Uint8Array, { count, area: height * width, channels })
      const input = new ort.Tensor('float32', pixels, [count, channels, height, width])
      const { probabilities } = await session.run({ pixel_values: input })
      answers.push(...rowsOf(probabilities?.data as Float32Array, count))
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
