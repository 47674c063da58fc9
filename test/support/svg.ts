import sharp from 'sharp'
import { allowOnlyImages } from '../../src/images/open.ts'

/** A drawing as PNG. Stages let libvips open no SVG, and test files share a process with their tests. */
export async function rasterize(svg: string | Uint8Array): Promise<Buffer> {
  sharp.unblock({ operation: ['VipsForeignLoad'] })
  try {
    return await sharp(Buffer.from(svg)).png().toBuffer()
  } finally {
    allowOnlyImages()
  }
}
