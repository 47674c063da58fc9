import { chooseRows, type Examples, type Images } from '../batches/batches.ts'
import { openProgress } from '../core/progress.ts'
import { chooseReferences, neighboursOf } from '../evaluate/novelty.ts'
import { openNovelty, quantized } from '../scores/novelty.ts'
import { byRow, type Fold, mean } from './folds.ts'

/**
 * How far each row is from images of other folds, as predictions measure it to answer "none of these": the cosine distance to
 * the k-th nearest of some of them, in [0, 2]; the mean where several folds judge a row.
 *
 * @param features `[C]` of all rows
 */
export async function distancesOutOfFold(
  features: Images,
  { folds, classes }: { readonly folds: readonly Fold[]; readonly classes: readonly string[] },
): Promise<number[]> {
  using progress = openProgress('audit: distances of images', features.count)
  const width = features.inputShape[0] ?? 0
  const found: number[][] = []
  let done = 0
  for (const { training, judged } of folds) {
    const chosen = chooseReferences(chooseRows(features, training), classes.length)
    const references = classes.map((_, place) => chosen.labels.filter((label) => label === place).length)
    const rows = quantized(await readAll(chosen), width)
    const neighbours = neighboursOf(references)
    const compare = openNovelty(
      { layer: '', width, references, neighbours, rows, limit: null, outcome: 'switched off' },
      classes,
    )
    const values = await readAll(chooseRows(features, judged))
    found.push(
      judged.map((_, place) => {
        progress.update(Math.min(++done, features.count))
        return compare(values.subarray(place * width, (place + 1) * width)).distance
      }),
    )
  }
  return byRow(folds, found).map(mean)
}

async function readAll({ count, read }: Examples): Promise<Float32Array> {
  return (await read([...Array(count).keys()])) as Float32Array
}
