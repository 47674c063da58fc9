import { sha256 } from '../../src/core/files.ts'
import { type Evaluation, measure } from '../../src/evaluate/measure.ts'
import type { Identity } from '../../src/scores/identity.ts'
import type { Metrics } from '../../src/scores/metrics.ts'
import { EVALUATED_PARTS, type EvaluatedPart, type Prediction } from '../../src/scores/predictions.ts'

/** What each image of a class was taken for, a letter an image, the first of the class: `{ cat: 'ccd' }`. */
export type Taken = Readonly<Partial<Record<EvaluatedPart, Readonly<Record<string, string>>>>>

const CLASSES = ['cat', 'dog', 'horse']

/** Predictions with 0.8 for the class that the image was taken for. */
export function predictionsOf(taken: Taken): Prediction[] {
  return EVALUATED_PARTS.flatMap((part) =>
    Object.entries(taken[part] ?? {}).flatMap(([label, letters]) =>
      [...letters].map((letter, index) => ({
        id: `${part === 'test' ? 'test' : 'train'}/${label}/${part}-${index}.png`,
        part,
        label,
        probabilities: CLASSES.map((name) => (name.startsWith(letter) ? 0.8 : 0.1)),
      })),
    ),
  )
}

/** What a network amounts to that took the images for that. */
export function evaluationOf(taken: Taken): Evaluation {
  return measure(predictionsOf(taken), { classes: CLASSES, seed: 1, bootstrapSamples: 100 })
}

/** Metrics of a small network; the training part has as many images of a class as validation. */
export function metricsOf(taken: Taken, head: Partial<Metrics> = {}): Metrics {
  return {
    architecture: 'original',
    mode: 'zero',
    parameters: 1234567,
    trainable_parameters: 1234567,
    epochs: 4,
    best_epoch: 3,
    train_images_per_class: new Map(CLASSES.map((name) => [name, taken.validation?.[name]?.length ?? 0])),
    temperature: 1,
    ...evaluationOf(taken).metrics,
    ...head,
  }
}

/** Of ten test images. */
export const TEST_SAMPLE = Array.from({ length: 10 }, (_, image) => sha256(`test image ${image}`).slice(0, 8)).sort()

/** Hashes of a model that a name stands for, and of one test set. */
export function identityOf(name: string): Identity {
  const files = { 'model.json': sha256(`${name} topology`), 'weights.bin': sha256(`${name} weights`) }
  return { model: { digest: sha256(name), files }, testSet: sha256('test set'), testSample: TEST_SAMPLE }
}
