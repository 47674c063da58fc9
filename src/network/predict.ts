import { type Examples, readBatches } from '../batches/batches.ts'
import type { EvaluatedPart, Prediction } from '../scores/predictions.ts'
import { type PartScores, scorePredictions } from '../scores/scores.ts'
import type { Inference } from '../tensorflow/inference.ts'

/** The outputs of a network for all examples and their variants, `[rows, outputs]` as one array. */
export async function outputsOf(
  inference: Inference,
  examples: Examples,
  batchSize: number,
  onProgress: (done: number) => void = () => {},
): Promise<Float32Array> {
  const rows = [...Array(examples.count * examples.variants).keys()]
  let outputs = new Float32Array(0)
  let done = 0
  for await (const { values, labels } of readBatches(examples, rows, batchSize)) {
    const batch = inference.run(values, labels.length)
    const width = batch.length / labels.length
    if (done === 0) outputs = new Float32Array(rows.length * width)
    outputs.set(batch, done * width)
    done += labels.length
    onProgress(done)
  }
  return outputs
}

/** Probabilities of every example, in its order, rows of `[N, K]`; `onProgress` is called with how many are done. */
export async function predictExamples(
  inference: Inference,
  examples: Examples,
  batchSize: number,
  onProgress?: (done: number) => void,
): Promise<number[][]> {
  return rowsOf(await outputsOf(inference, examples, batchSize, onProgress), examples.count * examples.variants)
}

/** What a network says of each image of a part. */
export async function predictPart(
  inference: Inference,
  given: { examples: Examples; part: EvaluatedPart; classes: readonly string[]; batchSize: number },
  onProgress?: (done: number) => void,
): Promise<Prediction[]> {
  const { examples, part, classes, batchSize } = given
  const rows = await predictExamples(inference, examples, batchSize, onProgress)
  return rows.map((probabilities, row) => ({
    id: examples.ids[row] ?? '',
    part,
    label: classes[examples.labels[row] ?? 0] ?? '',
    probabilities,
  }))
}

/** The scores on the validation part, as after each epoch of a training. */
export async function scoreValidation(
  inference: Inference,
  given: { examples: Examples; classes: readonly string[]; batchSize: number },
): Promise<PartScores> {
  const predictions = await predictPart(inference, { ...given, part: 'validation' })
  return scorePredictions(predictions, given.classes)
}

/** A flat `[N, K]` array as N rows. */
export function rowsOf(flat: Float32Array, count: number): number[][] {
  const width = flat.length / count
  return Array.from({ length: count }, (_, row) => [...flat.subarray(row * width, (row + 1) * width)])
}
