import { openPictures } from '../dataset/batches.ts'
import { classesOf } from '../dataset/classes.ts'
import { openPacked } from '../dataset/packed.ts'
import type { TrainingData } from './train.ts'

/** Opens what augment packed for training and validation; the classes are the labels that stand in training. */
export async function openTrainingData(): Promise<TrainingData> {
  const { rows, file } = await openPacked('train')
  await file.close()
  const classes = classesOf(rows)
  return {
    classes,
    training: await openPictures('train', classes),
    validation: await openPictures('validation', classes),
  }
}
