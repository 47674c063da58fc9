import { openImages } from '../batches/batches.ts'
import type { SavedModel } from '../network/saved.ts'
import { EVALUATED_PARTS, type EvaluatedPart, type PredictedImage } from '../scores/predictions.ts'
import { type GradCam, openGradCam } from '../tensorflow/grad-cam.ts'

/** Wrong images of a configuration that get heat maps, of however many there are. */
export const MOST_EXPLAINED = 200

/** Where in a wrong image a network sees a class: what it took the image for, or what it is. */
export interface HeatMap {
  readonly id: string
  readonly part: EvaluatedPart
  /** The class whose logit is explained. */
  readonly class: string
  /** `[height, width]` row by row, 0 to 255; the greatest value of a map is 255 unless all are 0. */
  readonly values: Uint8Array
}

/** Heat maps of one size. */
export interface ExplainedImages {
  readonly height: number
  readonly width: number
  readonly maps: readonly HeatMap[]
}

/** The wrong images that get heat maps: test before holdout before validation, and of a part the surest first. */
export function imagesToExplain<T extends PredictedImage>(images: readonly T[], most = MOST_EXPLAINED): T[] {
  const wrong = images.filter(({ label, prediction }) => label !== prediction)
  const rank = ({ part }: T): number => -EVALUATED_PARTS.indexOf(part)
  const sureness = ({ probabilities }: T): number => Math.max(...probabilities)
  wrong.sort((a, b) => rank(a) - rank(b) || sureness(b) - sureness(a) || (a.id < b.id ? -1 : 1))
  return wrong.slice(0, most)
}

/** Two heat maps of each of these images: of the class that it was taken for, then of its own. */
export async function explainImages(
  model: SavedModel,
  images: readonly PredictedImage[],
  { batchSize }: { readonly batchSize: number },
): Promise<ExplainedImages> {
  if (images.length === 0) return { height: 0, width: 0, maps: [] }
  const inputShape = [model.image.size, model.image.size, 3]
  const cam = openGradCam(model, inputShape)
  try {
    const explained: ExplainedImages[] = []
    for (const part of EVALUATED_PARTS) {
      const ofPart = images.filter((image) => image.part === part)
      if (ofPart.length > 0) explained.push(...(await explainPart(cam, model, ofPart, batchSize)))
    }
    const { height = 0, width = 0 } = explained[0] ?? {}
    return { height, width, maps: explained.flatMap(({ maps }) => maps) }
  } finally {
    cam.dispose()
  }
}

async function explainPart(
  cam: GradCam,
  { classes }: SavedModel,
  images: readonly PredictedImage[],
  batchSize: number,
): Promise<ExplainedImages[]> {
  const explained: ExplainedImages[] = []
  const examples = await openImages(images[0]?.part ?? 'test', classes)
  try {
    const rows = new Map(examples.ids.map((id, row) => [id, row]))
    for (let start = 0; start < images.length; start += batchSize) {
      const batch = images.slice(start, start + batchSize)
      const values = await examples.read(batch.map(({ id }) => rows.get(id) ?? 0))
      const names = [batch.map(({ prediction }) => prediction), batch.map(({ label }) => label)]
      const targets = names.map((ofTarget) => ofTarget.map((name) => classes.indexOf(name)))
      const maps = cam.run(values, batch.length, targets)
      const { height = 0, width = 0 } = maps[0] ?? {}
      explained.push({
        height,
        width,
        maps: batch.flatMap(({ id, part }, place) =>
          maps.map((ofTarget, target) => ({
            id,
            part,
            class: names[target]?.[place] ?? '',
            values: asBytes(ofTarget.values.subarray(place * height * width, (place + 1) * height * width)),
          })),
        ),
      })
    }
  } finally {
    await examples.close()
  }
  return explained
}

/** Values of 0 or more as shares of the greatest one, in 255 steps; all 0 where it is. */
export function asBytes(values: Float32Array): Uint8Array {
  const greatest = values.reduce((most, value) => Math.max(most, value), 0)
  return Uint8Array.from(values, (value) => (greatest > 0 ? Math.round((255 * value) / greatest) : 0))
}
