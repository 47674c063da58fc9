import type { Params } from '../command-line/params.ts'
import { classesOf } from '../core/csv.ts'
import { PaddockError } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { openProgress } from '../core/progress.ts'
import { type ManifestRow, readManifest } from '../dataset/manifest.ts'
import { percent, pluralize } from '../scores/format.ts'
import { clopperPearson } from '../scores/interval.ts'
import type { FolderImage } from './image-folder.ts'

type Sized = Pick<ManifestRow, 'width' | 'height'>

/** Lines on what is unlike about new images: how many are foreign to the chosen model, their classes and their sizes. */
export async function compareWithTraining(
  fresh: readonly FolderImage[],
  there: readonly Pick<ManifestRow, 'label' | 'set'>[],
  params: Params,
): Promise<string[]> {
  const training = there.filter(({ set }) => set === 'train')
  const fetched = (await exists(paths.manifest)) ? await readManifest(paths.manifest) : []
  return [
    ...(await describeForeign(fresh, params)),
    ...describeClasses(fresh, training),
    ...describeSizes(
      fresh,
      fetched.filter(({ set }) => set === 'train'),
      params.image.size,
    ),
  ]
}

/** How many images the chosen model refuses as none of its classes; or that it cannot be told. */
async function describeForeign(fresh: readonly FolderImage[], params: Params): Promise<string[]> {
  const unknown = (reason: string) => [`whether the new images are foreign cannot be told: ${reason}`]
  if (!(await exists(paths.trainAll))) return unknown('no model is trained yet (`npm run repro`)')
  const { loadChosen } = await import('../predict/chosen.ts') // loads TensorFlow
  const { classifyFiles } = await import('../predict/predict.ts')
  const chosen = await loadChosen('add', params, {}).catch((error: unknown) => {
    if (error instanceof PaddockError) return undefined
    throw error
  })
  if (chosen === undefined) return unknown('no chosen model is here (`npm run repro`)')
  const { limit = null } = chosen.novelty ?? {}
  if (limit === null) return unknown(`${chosen.name} knows no limit for what is none of its classes`)
  const files = fresh.filter(({ label }) => chosen.model.classes.includes(label)).map(({ file }) => file)
  if (files.length === 0) return unknown(`all are of classes that ${chosen.name} does not know`)
  using progress = openProgress('new images compared', files.length)
  let [done, refused] = [0, 0]
  for await (const answer of classifyFiles(chosen, files)) {
    if ('label' in answer && answer.label === null) refused++
    progress.update(++done)
  }
  return [describeRefused(refused, files.length, { name: chosen.name, rate: params.evaluate.falseRefusals ?? 0 })]
}

/** @param rate share of known images that are refused, too */
export function describeRefused(
  refused: number,
  images: number,
  { name, rate }: { readonly name: string; readonly rate: number },
): string {
  const words = `none of the classes to ${name}: ${refused} of ${pluralize(images, 'new image')} (${percent(refused / images)})`
  if (clopperPearson(refused, images).low > rate) {
    return `${words}, where ${percent(rate)} of known ones would be: these are unlike the training images`
  }
  return `${words}; of known ones ${percent(rate)} would be`
}

/** A line on the classes whose share among new images is not that of training, beyond what chance would do (95 %). */
export function describeClasses(
  fresh: readonly { readonly label: string }[],
  training: readonly { readonly label: string }[],
): string[] {
  const shareOf = (images: readonly { readonly label: string }[], name: string) =>
    images.filter(({ label }) => label === name).length
  const unlike = classesOf(training).flatMap((name) => {
    const [count, share] = [shareOf(fresh, name), shareOf(training, name) / training.length]
    const { low, high } = clopperPearson(count, fresh.length)
    return low <= share && share <= high ? [] : [`${name} ${percent(count / fresh.length)} (${percent(share)})`]
  })
  const most = 10
  const shown = [...unlike.slice(0, most), ...(unlike.length > most ? [`${unlike.length - most} more`] : [])]
  return unlike.length === 0 ? [] : [`other shares of classes than in training (in brackets): ${shown.join(', ')}`]
}

/** Sides that differ by more are worth a line. */
const RATIO = 2

/** A line on images that are much smaller or larger than those of training, or too small for the network. */
export function describeSizes(fresh: readonly Sized[], training: readonly Sized[], size: number): string[] {
  if (training.length === 0) return ['sizes were not compared: fetch has not run (`npm run repro`)']
  const [side, usual] = [medianSide(fresh), medianSide(training)]
  const words = `shorter side in the median ${side} px, of training images ${usual} px`
  if (side < size && usual >= size) return [`${words}: the new ones are enlarged to ${size} px, and blurred`]
  return side * RATIO <= usual || usual * RATIO <= side ? [words] : []
}

function medianSide(images: readonly Sized[]): number {
  const sides = images.map(({ width, height }) => Math.min(width, height)).sort((a, b) => a - b)
  return sides[Math.floor(sides.length / 2)] ?? 0
}
