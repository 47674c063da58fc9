import { recordByName } from '../core/names.ts'
import { featuresOf } from '../network/network.ts'
import { rowsOf } from '../network/predict.ts'
import { openNovelty } from '../scores/novelty.ts'
import { predictedClass } from '../scores/predictions.ts'
import { atTemperature } from '../scores/temperature.ts'
import type { BatchValues } from '../tensorflow/batch.ts'
import { graphAfter, graphUpTo } from '../tensorflow/graph.ts'
import { openInference } from '../tensorflow/inference.ts'
import type { Chosen } from './chosen.ts'

/** What a model says of an image. */
export interface Answer {
  /** Null for an image unlike the training images: none of the classes. */
  readonly label: string | null
  /** By class, calibrated. */
  readonly probabilities: Readonly<Record<string, number>>
  /** Cosine distance from the training images; null for a model that is not evaluated, which knows none. */
  readonly distance: number | null
  /** Beyond it there is no label; null: every image gets one. */
  readonly limit: number | null
  /** The number of each class among the nearest training images. */
  readonly nearest: Readonly<Record<string, number>>
}

/** A model that answers; dispose it. */
export interface Answering {
  /** The answers for `count` images, uint8 `[count, S, S, 3]`. */
  answer(values: BatchValues, count: number): Answer[]
  dispose(): void
}

/** Opens a model: its layers up to the features, which are compared with the training images, and its head. */
export function openAnswering({
  model,
  calibration,
  novelty,
}: Pick<Chosen, 'model' | 'calibration' | 'novelty'>): Answering {
  const { graph, weights, classes, image } = model
  const layer = featuresOf(graph)
  const head = graphAfter(graph, layer)
  const width = head.at(-1)?.weights[0]?.shape[0] ?? Number.NaN // of the kernel [C, K]
  const backbone = openInference(
    { graph: graphUpTo(graph, layer), weights },
    { inputShape: [image.size, image.size, 3], engine: 'compiled' },
  )
  const classifier = openInference({ graph: head, weights }, { inputShape: [width], engine: 'compiled' })
  const compare = novelty && openNovelty(novelty, classes)
  return {
    answer: (values, count) => {
      const features = backbone.run(values, count)
      return rowsOf(classifier.run(features, count), count).map((row, place) => {
        const familiarity = compare?.(features.subarray(place * width, (place + 1) * width))
        const calibrated = atTemperature(row, calibration?.temperature ?? 1)
        return {
          label: familiarity?.refused ? null : predictedClass(row, classes),
          probabilities: recordByName(classes.map((name, k) => [name, calibrated[k] ?? Number.NaN])),
          distance: familiarity?.distance ?? null,
          limit: novelty?.limit ?? null,
          nearest: familiarity?.nearest ?? {},
        }
      })
    },
    dispose: () => {
      backbone.dispose()
      classifier.dispose()
    },
  }
}
