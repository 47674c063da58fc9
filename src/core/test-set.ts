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
