import { z } from 'zod'
import { formatCsv, readRows, sortedById, writeCsv } from './csv.ts'
import { DataError } from './errors.ts'
import { exists, sha256 } from './files.ts'
import { paths } from './paths.ts'

const testImage = z.object({
  id: z.string().min(1),
  /** Of the file. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  label: z.string().min(1),
})

/** An image of the frozen test set: a line of test-set.csv. */
export type TestImage = Readonly<z.infer<typeof testImage>>

const REMEDY =
  'A line is id,sha256,label, as in test/cat/1.jpg,0123…ef (64 digits),cat. Restore the file from git, or run `npm run accept-test-set`.'
const COLUMNS = testImage.keyof().options

/** SHA-256 of test-set.csv as `writeTestSet` writes it, whatever the order or line ends of the file that was read. */
export function hashTestSet(images: readonly TestImage[]): string {
  return sha256(formatCsv(COLUMNS, sortedById(images)))
}

const SAMPLED_IMAGES = 32

/**
 * A sample by which two test sets can be compared: the first eight digits of the 32 smallest SHA-256s of its images, which is a
 * random choice, yet the same in every set with these images. Source: Broder, https://doi.org/10.1109/SEQUEN.1997.666900
 */
export function sampleOf(images: readonly Pick<TestImage, 'sha256'>[]): string[] {
  return [...new Set(images.map(({ sha256 }) => sha256.slice(0, 8)))].sort().slice(0, SAMPLED_IMAGES)
}

/** The share of all images of two test sets that both have (Jaccard index), from their samples: an estimate above 32 images. */
export function sharedShare(sample: readonly string[], other: readonly string[]): number {
  const smallest = [...new Set([...sample, ...other])].sort().slice(0, SAMPLED_IMAGES)
  const [first, second] = [new Set(sample), new Set(other)]
  const both = smallest.filter((image) => first.has(image) && second.has(image))
  return smallest.length > 0 ? both.length / smallest.length : 0
}

/** Reads the frozen test set. @throws DataError when the file cannot be read or a line is incomplete. */
export async function readTestSet(path: string = paths.testSet): Promise<TestImage[]> {
  if (!(await exists(path))) {
    throw new DataError(
      `Expected the frozen test set in ${path}, received none. Freeze the one in ${paths.data}/test/ with \`npm run accept-test-set\`.`,
    )
  }
  return readRows(path, testImage, REMEDY)
}

/** Writes the file in its canonical form, sorted by id. */
export async function writeTestSet(images: readonly TestImage[], path: string = paths.testSet): Promise<void> {
  await writeCsv(path, COLUMNS, sortedById(images))
}
