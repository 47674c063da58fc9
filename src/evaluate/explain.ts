import { type Images, openImages } from '../batches/batches.ts'
import type { SavedModel } from '../network/saved.ts'
import type { HeatMaps } from '../scores/heat-maps.ts'
import { EVALUATED_PARTS, type PredictedImage } from '../scores/predictions.ts'
import { type GradCam, openGradCam } from './grad-cam.ts'

/** At most this many wrong images of a configuration get heat maps. */
export const MOST_EXPLAINED = 200

/** The wrong images that get heat maps: test before holdout before validation, and in a part those with the highest probability first. */
export function imagesToExplain<T extends PredictedImage>(images: readonly T[], most = MOST_EXPLAINED): T[] {
  const wrong = images.filter(({ label, prediction }) => label !== prediction)
  const rank = ({ part }: T): number => -EVALUATED_PARTS.indexOf(part)
  const sureness = ({ probabilities }: T): number => Math.max(...probabilities)
  wrong.sort((a, b) => rank(a) - rank(b) || sureness(b) - sureness(a) || (a.id < b.id ? -1 : 1))
  return wrong.slice(0, most)
}

/** Two Grad-CAM heat maps per image: for the predicted class, then for the label. */
export async function explainImages(
  model: SavedModel,
  images: readonly PredictedImage[],
  { batchSize }: { readonly batchSize: number },
): Promise<HeatMaps> {
  if (images.length === 0) return { height: 0, width: 0, maps: [] }
  const cam = openGradCam(model, [model.image.size, model.image.size, 3])
  try {
    const explained: HeatMaps[] = []
    for (const part of EVALUATED_PARTS) {
      const ofPart = images.filter((image) => image.part === part)
      if (ofPart.length === 0) continue
      const examples = await openImages(part, model.classes)
      try {
        for (let start = 0; start < ofPart.length; start += batchSize) {
          explained.push(await explainBatch(cam, model, examples, ofPart.slice(start, start + batchSize)))
        }
      } finally {
        await examples.close()
      }
    }
    const { height = 0, width = 0 } = explained[0] ?? {}
    return { height, width, maps: explained.flatMap(({ maps }) => maps) }
  } finally {
    cam.dispose()
  }
}

/** The heat maps of some images of one part. */
async function explainBatch(
  cam: GradCam,
  { classes }: SavedModel,
  examples: Images,
  batch: readonly PredictedImage[],
): Promise<HeatMaps> {
  const rows = batch.map(({ id }) => examples.ids.indexOf(id))
  const names = [batch.map(({ prediction }) => prediction), batch.map(({ label }) => label)]
  const targets = names.map((ofTarget) => ofTarget.map((name) => classes.indexOf(name)))
  const found = cam.run(await examples.read(rows), batch.length, targets)
  const { height = 0, width = 0 } = found[0] ?? {}
  const maps = batch.flatMap(({ id, part }, place) =>
    found.map((ofTarget, target) => ({
      id,
      part,
      class: names[target]?.[place] ?? '',
      values: asBytes(ofTarget.values.subarray(place * height * width, (place + 1) * height * width)),
    })),
  )
  return { height, width, maps }
}

/** Values >= 0 scaled so that the largest is 255; all 0 when it is 0. */
export function asBytes(values: Float32Array): Uint8Array {
  const largest = values.reduce((most, value) => Math.max(most, value), 0)
  return Uint8Array.from(values, (value) => (largest > 0 ? Math.round((255 * value) / largest) : 0))
}
