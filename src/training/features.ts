import type { Examples } from '../dataset/batches.ts'
import { readBatches } from '../dataset/batches.ts'
import type { Inference } from '../tensorflow/inference.ts'

/**
 * The features of all pictures and variants: the frozen backbone runs once for each, then they are examples like any others.
 *
 * Holds `rows · C` floats in memory; nothing of the pictures.
 */
export async function extractFeatures(
  backbone: Inference,
  pictures: Examples,
  batchSize: number,
  onProgress: (done: number) => void,
): Promise<Examples> {
  const rows = [...Array(pictures.count * pictures.variants).keys()]
  let features = new Float32Array(0)
  let width = 0
  let done = 0
  for await (const { values, labels } of readBatches(pictures, rows, batchSize)) {
    const batch = backbone.run(values, labels.length)
    if (done === 0) {
      width = batch.length / labels.length
      features = new Float32Array(rows.length * width)
    }
    features.set(batch, done * width)
    done += labels.length
    onProgress(done)
  }
  return {
    ...pictures,
    inputShape: [width],
    read: async (wanted) => {
      const batch = new Float32Array(wanted.length * width)
      for (const [place, row] of wanted.entries())
        batch.set(features.subarray(row * width, (row + 1) * width), place * width)
      return batch
    },
    close: async () => {},
  }
}
