import sharp from 'sharp'

/** An image uint8 `[S, S, 3]` as PNG, `side` pixels wide and high where it is larger. */
export async function encodePng(pixels: Uint8Array, size: number, side: number): Promise<Buffer> {
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .resize(side, side, { withoutEnlargement: true })
    .png({ compressionLevel: 9 })
    .toBuffer()
}
