import { isCutOff, readHeader, withoutGamma } from './header.ts'
import { type Image, type Rows, type Square, toSquare } from './resize.ts'

/** As in src/images/decode.ts. */
const MAX_PIXELS = 200_000_000

/** A file that the page cannot show to the network. */
export class ImageError extends Error {
  override name = 'ImageError'

  constructor(received: string) {
    super(
      `Expected an image (JPEG, PNG, WebP, GIF or AVIF), received ${received}. Choose another, or save it as JPEG or PNG.`,
    )
  }
}

/**
 * The pixels of an image as the network saw them in training: uint8 `[S, S, 3]` in sRGB, upright, transparency on white.
 *
 * The browser decodes and turns by EXIF orientation; resizing and cropping are ours, since canvases of different browsers
 * shrink differently.
 *
 * @throws ImageError when the browser cannot decode the file.
 */
export async function readPixels(file: Blob, square: Square): Promise<Image> {
  if (file.size === 0) throw new ImageError('an empty file')
  const bytes = new Uint8Array(await file.arrayBuffer())
  if (isCutOff(bytes)) throw new ImageError('a file that is cut off')
  const bitmap = await createImageBitmap(new Blob(withoutGamma(bytes), { type: file.type }), {
    imageOrientation: 'from-image',
    colorSpaceConversion: 'default',
  }).catch(() => {
    throw new ImageError('a file that this browser cannot decode')
  })
  try {
    if (bitmap.width * bitmap.height > MAX_PIXELS) throw new ImageError(`more than ${MAX_PIXELS} pixels`)
    return toSquare(rowsOf(bitmap), square, await readHeader(file))
  } finally {
    bitmap.close()
  }
}

/** Rows of a bitmap, read through a canvas, which some browsers limit to fewer pixels than a photograph has. */
function rowsOf(bitmap: ImageBitmap): Rows {
  const { width, height } = bitmap
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' })
  if (!context) throw new Error('this browser has no canvas')
  return {
    width,
    height,
    channels: 4,
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
