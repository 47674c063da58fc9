import sharp from 'sharp'

/** An image uint8 `[S, S, 3]` as a PNG file, shrunk to `side` pixels where it is larger. */
export async function encodePng(pixels: Uint8Array, size: number, side: number): Promise<Buffer> {
  return shrink(pixels, size, side).png({ compressionLevel: 9 }).toBuffer()
}

/** An image uint8 `[S, S, 3]` as a small WebP file, shrunk to `side` pixels where it is larger. */
export async function encodeThumbnail(pixels: Uint8Array, size: number, side: number): Promise<Buffer> {
  return shrink(pixels, size, side).webp({ quality: 72, effort: 3 }).toBuffer()
}

/** The most pixels on a side of a WebP file. */
const WEBP_SIDE = 16_383

/** An image file as a WebP file of the same size, or of the largest that WebP has. */
export async function reencodeAsWebp(
  bytes: Uint8Array,
): Promise<{ readonly webp: Buffer; readonly width: number; readonly height: number }> {
  const { data, info } = await sharp(bytes, { limitInputPixels: false })
    .resize(WEBP_SIDE, WEBP_SIDE, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 75, effort: 3 })
    .toBuffer({ resolveWithObject: true })
  return { webp: data, width: info.width, height: info.height }
}

function shrink(pixels: Uint8Array, size: number, side: number) {
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } }).resize(side, side, {
    withoutEnlargement: true,
  })
}
