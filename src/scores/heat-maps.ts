import { readCsv, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { writeFileAtomically } from '../core/files.ts'
import { formatNpyHeader, openNpy } from '../core/npy.ts'
import type { paths } from '../core/paths.ts'
import { type EvaluatedPart, parsePart } from './predictions.ts'

/** Where in a misclassified image a network sees a class: the predicted one, or the label. */
export interface HeatMap {
  readonly id: string
  readonly part: EvaluatedPart
  /** The class whose logit is explained. */
  readonly class: string
  /** `[height, width]` row by row, 0 to 255; the largest value of a map is 255 unless all are 0. */
  readonly values: Uint8Array
}

export interface HeatMaps {
  readonly height: number
  readonly width: number
  readonly maps: readonly HeatMap[]
}

const COLUMNS = ['id', 'part', 'class'] as const

type HeatMapPaths = ReturnType<typeof paths.heatMaps>

/** Writes heatmaps.npy, uint8 `[maps, height, width]`, and heatmaps.csv, the image and class of each map. */
export async function writeHeatMaps({ array, index }: HeatMapPaths, { height, width, maps }: HeatMaps): Promise<void> {
  const header = formatNpyHeader([maps.length, height, width])
  await writeFileAtomically(array, Buffer.concat([header, ...maps.map(({ values }) => values)]))
  await writeCsv(index, COLUMNS, maps)
}

/** Reads what `writeHeatMaps` wrote. @throws DataError when the two files do not belong together. */
export async function readHeatMaps({ array, index }: HeatMapPaths): Promise<HeatMaps> {
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
