import { inspectFile, refused } from './image-file.ts'
import { cropCentre, orient } from './orient.ts'
import { planOf, type Square } from './plan.ts'
import { type Image, type Rows, resample } from './resample.ts'

/** As in src/images/decode.ts. */
const MAX_PIXELS = 200_000_000

/**
 * The pixels of an image as the network saw them in training: uint8 `[S, S, 3]` in sRGB.
 *
 * The same steps as `decodePixels` of src/images/decode.ts takes by sharp and libvips, on what the browser decodes.
 *
 * @throws ImageError when it cannot be decoded.
 */
export async function readPixels(file: Blob, square: Square): Promise<Image> {
  const { format, orientation, bytes } = inspectFile(new Uint8Array(await file.arrayBuffer()))
  const bitmap = await decode(new Blob([bytes]))
  try {
    if (bitmap.width * bitmap.height > MAX_PIXELS) throw refused(`more than ${MAX_PIXELS} pixels`)
    const rows = rowsOf(bitmap)
    const resized = resample(rows, planOf(rows, format, square))
    return cropCentre(orient(resized, orientation), square.size)
  } finally {
    bitmap.close()
  }
}

async function decode(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { colorSpaceConversion: 'default', premultiplyAlpha: 'default' })
  } catch {
    throw refused('a file that this browser cannot decode')
  }
}

/** Transparency lies on white. */
function rowsOf(bitmap: ImageBitmap): Rows {
  const { width, height } = bitmap
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' })
  if (!context) throw new Error('this browser has no canvas')
  return {
    width,
    height,
    read: (from, count) => {
      canvas.width = width // empties it
      canvas.height = count
      context.imageSmoothingEnabled = false
      context.fillStyle = '#ffffff'
      context.fillRect(0, 0, width, count)
      context.drawImage(bitmap, 0, from, width, count, 0, 0, width, count)
      return context.getImageData(0, 0, width, count).data
    },
  }
}
