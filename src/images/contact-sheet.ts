import sharp from 'sharp'

/** Side of a cell, in pixels. */
export const CELL = 96
/** Most classes on the sheet, which keep it below the 16,383 pixels that WebP allows. */
export const MAX_CLASSES = 40
/** Most versions of an image on the sheet: one row of cells. */
export const MAX_VERSIONS = 12

const CELLS_ACROSS = 12
const ROWS_PER_CLASS = 2
const BACKGROUND = { r: 246, g: 246, b: 246 }
/** Pixels between the versions of an image, between images, between classes and around everything. */
const GAP = { version: 3, image: 12, class: 30, edge: 18 }

/** How many images of a class the sheet shows, by the versions of each. */
export function imagesPerClass(versions: number): number {
  return imagesAcross(versions) * ROWS_PER_CLASS
}

/** An image uint8 `[S, S, 3]` as a cell of the sheet, uint8 `[CELL, CELL, 3]`. */
export async function shrinkToCell(pixels: Uint8Array, size: number): Promise<Buffer> {
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .resize(CELL, CELL)
    .raw()
    .toBuffer()
}

/**
 * A contact sheet as PNG: a band of rows for each class. The versions of an image are closer to each other than to the next
 * image.
 *
 * @param bands cells by class, image and version; all images have the same number of versions
 */
export async function encodeContactSheet(bands: readonly (readonly (readonly Buffer[])[])[]): Promise<Buffer> {
  const versions = bands[0]?.[0]?.length ?? 1
  const across = imagesAcross(versions)
  const imageStep = versions * (CELL + GAP.version) - GAP.version + GAP.image
  const rowStep = CELL + GAP.image
  let top = GAP.edge
  const cells = bands.flatMap((band) => {
    const bandTop = top
    top += Math.ceil(band.length / across) * rowStep - GAP.image + GAP.class
    return band.flatMap((image, index) =>
      image.map((cell, version) => ({
        input: cell,
        raw: { width: CELL, height: CELL, channels: 3 as const },
        left: GAP.edge + (index % across) * imageStep + version * (CELL + GAP.version),
        top: bandTop + Math.floor(index / across) * rowStep,
      })),
    )
  })
  const width = Math.max(...cells.map((cell) => cell.left)) + CELL + GAP.edge
  const height = top - GAP.class + GAP.edge
  return sharp({ create: { width, height, channels: 3, background: BACKGROUND } })
    .composite(cells)
    .removeAlpha()
    .png({ compressionLevel: 9 })
    .toBuffer()
}

function imagesAcross(versions: number): number {
  return Math.max(1, Math.floor(CELLS_ACROSS / versions))
}
