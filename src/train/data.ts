import { type Images, openImages } from '../batches/batches.ts'
import { openPacked } from '../batches/packed.ts'
import { classesOf } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'

/** The packed images, and their classes in the order of the outputs. */
export interface TrainingData {
  readonly classes: readonly string[]
  readonly training: Images
  readonly validation: Images
}

/**
 * Opens the packed images of training and validation for as long as `work` runs; the classes are the labels of training.
 *
 * @throws DataError for a damaged image, before `work` begins
 */
export async function withTrainingData<T>(work: (data: TrainingData) => Promise<T>): Promise<T> {
  const { rows, file } = await openPacked('train')
  await file.close()
  const classes = classesOf(rows)
  await using opened = new AsyncDisposableStack()
  const open = async (part: 'train' | 'validation') => {
    const images = opened.adopt(await openImages(part, classes), (each) => each.close())
    await checkImages(images)
    return images
  }
  return await work({ classes, training: await open('train'), validation: await open('validation') })
}

const CHECKED_AT_ONCE = 32

/** Reads each image once, which checks its CRC: a damaged one is noticed before an epoch is spent. */
async function checkImages({ ids, read }: Images): Promise<void> {
  const rows = [...ids.keys()]
  for (let start = 0; start < rows.length; start += CHECKED_AT_ONCE) {
    await read(rows.slice(start, start + CHECKED_AT_ONCE))
  }
}

/** @throws DataError when there is nothing to train on. */
export function expectImages({ classes, training, validation }: TrainingData): void {
  if (classes.length >= 2 && training.count > 0 && validation.count > 0) return
  throw new DataError(
    `Expected images of at least two classes in training and validation, received ${training.count} and ${validation.count} images of ${classes.length === 1 ? 'one class' : `${classes.length} classes`}. Add images: npm run add -- DIR.`,
  )
}
