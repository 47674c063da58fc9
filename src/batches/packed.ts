import { type FileHandle, open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { readCsv, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { formatNpyHeader, type NpyFile, openNpy } from '../core/npy.ts'
import { type Part, paths } from '../core/paths.ts'

/** The image in one row of a packed array. */
export interface PackedRow {
  readonly id: string
  readonly label: string
  /** 0 is the plain image, 1 and above are transformed. */
  readonly variant: number
}

/** An open packed array, uint8 `[rows, S, S, 3]`, and its index. Close `file`, which checks each row against its CRC. */
export interface PackedPart {
  readonly rows: readonly PackedRow[]
  readonly file: NpyFile
  /** Paths of the array and of its index. */
  readonly path: string
  readonly index: string
}

/** Writes one image, uint8 `[S, S, 3]`, to its row; in any order, several at once. */
export type WriteRow = (row: number, pixels: Uint8Array) => Promise<void>

/** `crc32` is of the row's pixels. */
const COLUMNS = ['id', 'label', 'variant', 'crc32'] as const

/**
 * Opens the packed images of a part.
 *
 * @throws DataError when the array and its index do not match
 */
export async function openPacked(part: Part, folder: string = paths.augment): Promise<PackedPart> {
  const index = indexPath(folder, part)
  const lines = await readCsv(index, COLUMNS)
  const rows = lines.map(({ id, label, variant }) => ({ id, label, variant: Number(variant) }))
  const path = arrayPath(folder, part)
  const file = await openNpy(
    path,
    lines.map((line) => Number(line.crc32)),
  )
  const [count, height, width, channels] = file.shape
  if (file.shape.length === 4 && count === rows.length && height === width && channels === 3)
    return { rows, file, path, index }
  await file.close()
  throw new DataError(
    `Expected square images for the ${rows.length} lines of ${index} in ${path}, received the shape ${file.shape.join(' x ')}. Run augment again.`,
  )
}

/**
 * Writes a part: the array `[rows, size, size, 3]`, which `fill` writes row by row, and its index.
 *
 * The array is never held in memory. `folder` is a temporary one (`writeFolderAtomically`).
 */
export async function writePacked(
  folder: string,
  part: Part,
  { rows, size }: { readonly rows: readonly PackedRow[]; readonly size: number },
  fill: (writeRow: WriteRow) => Promise<void>,
): Promise<void> {
  const header = formatNpyHeader([rows.length, size, size, 3])
  const crcs = new Uint32Array(rows.length)
  await using file = await open(arrayPath(folder, part), 'wx')
  await writeFully(file, header, 0)
  await fill((row, pixels) => {
    crcs[row] = crc32(pixels)
    return writeFully(file, pixels, header.length + row * size * size * 3)
  })
  const index = rows.map((row, place) => ({ ...row, crc32: crcs[place] ?? 0 }))
  await writeCsv(indexPath(folder, part), COLUMNS, index)
}

async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

function arrayPath(folder: string, part: Part): string {
  return join(folder, basename(paths.packed(part)))
}

function indexPath(folder: string, part: Part): string {
  return join(folder, basename(paths.packedIndex(part)))
}
