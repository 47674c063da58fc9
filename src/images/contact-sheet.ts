import sharp from 'sharp'

/** Side of a cell, in pixels. */
export const CELL = 96
/** Versions of a picture that have a place on the sheet: a row of cells. */
export const MAX_VERSIONS = 12

const CELLS_ACROSS = 12
const ROWS_PER_CLASS = 2
const BACKGROUND = { r: 246, g: 246, b: 246 }
/** Pixels between the versions of a picture, between pictures, between classes and around everything. */
const GAP = { version: 3, picture: 12, class: 30, edge: 18 }

/** How many pictures of a class the sheet shows when each has so many versions. */
export function picturesPerClass(versions: number): number {
  return picturesAcross(versions) * ROWS_PER_CLASS
}

/** A picture uint8 `[S, S, 3]` as a cell of the sheet, uint8 `[CELL, CELL, 3]`. */
export async function shrinkToCell(pixels: Uint8Array, size: number): Promise<Buffer> {
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .resize(CELL, CELL)
    .raw()
    .toBuffer()
}

/**
 * A contact sheet as PNG: a band of rows a class, each picture plain and then in its variants, closer to one another than to
 * the next picture.
 *
 * @param bands cells by class, picture and version; all pictures have the same number of versions
 */
export async function encodeContactSheet(bands: readonly (readonly (readonly Buffer[])[])[]): Promise<Buffer> {
  const versions = bands[0]?.[0]?.length ?? 1
  const across = picturesAcross(versions)
  const pictureStep = versions * (CELL + GAP.version) - GAP.version + GAP.picture
  const rowStep = CELL + GAP.picture
  let top = GAP.edge
  const cells = bands.flatMap((band) => {
    const bandTop = top
    top += Math.ceil(band.length / across) * rowStep - GAP.picture + GAP.class
    return band.flatMap((picture, index) =>
      picture.map((cell, version) => ({
        input: cell,
        raw: { width: CELL, height: CELL, channels: 3 as const },
        left: GAP.edge + (index % across) * pictureStep + version * (CELL + GAP.version),
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

function picturesAcross(versions: number): number {
  return Math.max(1, Math.floor(CELLS_ACROSS / versions))
}
