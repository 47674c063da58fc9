import { readCsv, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { writeFileAtomically } from '../core/files.ts'
import { formatNpyHeader, openNpy } from '../core/npy.ts'
import type { ExplainedImages } from '../evaluate/heat-maps.ts'
import { parsePart } from './predictions.ts'

const COLUMNS = ['id', 'part', 'class'] as const

/** Where the two files are: the maps, uint8 `[maps, height, width]`, and what each of them is about. */
export interface HeatMapPaths {
  readonly array: string
  readonly index: string
}

/** Writes heatmaps.npy and heatmaps.csv. */
export async function writeHeatMaps(
  { array, index }: HeatMapPaths,
  { height, width, maps }: ExplainedImages,
): Promise<void> {
  const header = formatNpyHeader([maps.length, height, width])
  await writeFileAtomically(array, Buffer.concat([header, ...maps.map(({ values }) => values)]))
  await writeCsv(index, COLUMNS, maps)
}

/** Reads what `writeHeatMaps` wrote. @throws DataError when the two do not belong together. */
export async function readHeatMaps({ array, index }: HeatMapPaths): Promise<ExplainedImages> {
  const rows = await readCsv(index, COLUMNS)
  const file = await openNpy(array)
  try {
    const [count, height, width] = file.shape
    if (file.shape.length !== 3 || count !== rows.length || height === undefined || width === undefined) {
      throw new DataError(
        `Expected heat maps for the ${rows.length} lines of ${index} in ${array}, received the shape ${file.shape.join(' x ')}. Run evaluate again.`,
      )
    }
    const all = new Uint8Array(count * height * width)
    await file.readRows([...rows.keys()], all)
    const maps = rows.map(({ id, part, class: name }, row) => ({
      id,
      part: parsePart(part, index),
      class: name,
      values: all.subarray(row * height * width, (row + 1) * height * width),
    }))
    return { height, width, maps }
  } finally {
    await file.close()
  }
}
