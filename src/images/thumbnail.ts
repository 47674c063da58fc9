import sharp from 'sharp'

/** An image uint8 `[S, S, 3]` as a small WebP file, `side` pixels wide and high where it is larger. */
export async function encodeThumbnail(pixels: Uint8Array, size: number, side: number): Promise<Buffer> {
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .resize(side, side, { withoutEnlargement: true })
    .webp({ quality: 72, effort: 3 })
    .toBuffer()
}

/** An image file as WebP of the same size. */
export async function reencodeAsWebp(
  bytes: Uint8Array,
): Promise<{ readonly webp: Buffer; readonly width: number; readonly height: number }> {
  const { data, info } = await sharp(bytes).webp({ quality: 75, effort: 3 }).toBuffer({ resolveWithObject: true })
  return { webp: data, width: info.width, height: info.height }
}
