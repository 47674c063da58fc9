import { availableParallelism } from 'node:os'
import pMap from 'p-map'
import { openPacked } from '../../batches/packed.ts'
import { DataError } from '../../core/errors.ts'
import { PARTS, type Part } from '../../core/paths.ts'
import { encodeThumbnail } from '../../images/encode.ts'
import { type CalibratedImage, isWrong } from '../../scores/predictions.ts'

/** At most this many images are in the page, about 7 kB each. */
const MOST_IMAGES = 480
/** At most this many are near duplicates. */
const MOST_DUPLICATES = 120

export interface ChosenImage {
  readonly id: string
  readonly part: Part
  readonly label: string
}

/**
 * The images that the page shows, part by part and by id.
 *
 * Near duplicates are taken first, in whole groups; then what the chosen configuration gets wrong, then what others get
 * wrong, by their number; then correct predictions, evenly over parts and classes.
 */
export function chooseImages(
  predictions: Readonly<Record<string, readonly CalibratedImage[]>>,
  given: { readonly chosen: string | undefined; readonly duplicates: readonly ChosenImage[]; readonly most?: number },
): ChosenImage[] {
  const { chosen, duplicates, most = MOST_IMAGES } = given
  const mistakes = new Map<string, number>()
  for (const [name, images] of Object.entries(predictions)) {
    const weight = name === chosen ? Object.keys(predictions).length : 1
    for (const { id } of images.filter(isWrong)) mistakes.set(id, (mistakes.get(id) ?? 0) + weight)
  }
  const images = Object.values(predictions)[0] ?? []
  const turns = new Map<string, number>()
  const ranked = images.map(({ id, part, label }) => {
    const kind = JSON.stringify([part, label])
    const turn = turns.get(kind) ?? 0
    if (!mistakes.has(id)) turns.set(kind, turn + 1)
    return { image: { id, part, label }, mistakes: mistakes.get(id) ?? 0, turn }
  })
  ranked.sort((a, b) => b.mistakes - a.mistakes || a.turn - b.turn)
  const wanted = [...duplicates, ...ranked.map(({ image }) => image)]
  const once = [...Map.groupBy(wanted, ({ id }) => id).values()].flatMap((same) => same.slice(0, 1))
  return once.slice(0, most).sort((a, b) => PARTS.indexOf(a.part) - PARTS.indexOf(b.part) || (a.id < b.id ? -1 : 1))
}

/** The first groups that fit, each as a whole. */
export function wholeGroups<T>(groups: readonly (readonly T[])[], most = MOST_DUPLICATES): (readonly T[])[] {
  let room = most
  return groups.filter((group) => {
    if (group.length > room) return false
    room -= group.length
    return true
  })
}

/** Side of a thumbnail in pixels. */
const SIDE = 160

/**
 * Thumbnails of the images as the networks saw them, as data URIs in their order.
 *
 * @throws DataError when augment packed no such image.
 */
export async function readThumbnails(images: readonly ChosenImage[]): Promise<string[]> {
  const thumbnails = new Map<string, string>()
  for (const part of PARTS) {
    const ids = images.filter((image) => image.part === part).map(({ id }) => id)
    if (ids.length > 0) for (const [id, uri] of await readPart(part, ids)) thumbnails.set(id, uri)
  }
  return images.map(({ id }) => thumbnails.get(id) ?? '')
}

async function readPart(part: ChosenImage['part'], ids: readonly string[]): Promise<(readonly [string, string])[]> {
  const { rows, file, path } = await openPacked(part)
  try {
    const size = file.shape[1] ?? 0
    const places = new Map(rows.flatMap(({ id, variant }, place) => (variant === 0 ? [[id, place] as const] : [])))
    return await pMap(
      ids,
      async (id) => {
        const place = places.get(id)
        if (place === undefined) {
          throw new DataError(`Expected ${id} in ${path}, received no such image. Run \`npm run repro\`.`)
        }
        const pixels = new Uint8Array(size * size * 3)
        await file.readRows([place], pixels)
        return [id, dataUri(await encodeThumbnail(pixels, size, SIDE))] as const
      },
      { concurrency: availableParallelism() },
    )
  } finally {
    await file.close()
  }
}

export function dataUri(webp: Buffer): string {
  return `data:image/webp;base64,${webp.toString('base64')}`
}
