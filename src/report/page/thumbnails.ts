import pMap from 'p-map'
import { openPacked } from '../../batches/packed.ts'
import { DataError } from '../../core/errors.ts'
import { PARTS } from '../../core/paths.ts'
import { DECODES_AT_ONCE } from '../../images/decode.ts'
import { encodeThumbnail } from '../../images/encode.ts'
import type { ChosenImage } from './choose-images.ts'

/** Side of a thumbnail, in pixels. */
const SIDE = 160

/**
 * Thumbnails of images as the networks saw them, as data URIs in the order of the images.
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
      { concurrency: DECODES_AT_ONCE },
    )
  } finally {
    await file.close()
  }
}

/** A WebP file as an address that needs no network. */
export function dataUri(webp: Buffer): string {
  return `data:image/webp;base64,${webp.toString('base64')}`
}
