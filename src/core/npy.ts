import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { damagedFile } from './checks.ts'
import { DataError } from './errors.ts'

/** The layout of an array of bytes in a file. */
export interface NpyHeader {
  /** All sizes, for images `[N, S, S, 3]`. */
  readonly shape: readonly number[]
  /** Bytes before the first value. */
  readonly offset: number
}

const MAGIC = Buffer.from('\u0093NUMPY\u0001\u0000', 'latin1')
const ALIGNMENT = 64

/**
 * The header of a uint8 `.npy` file in C order.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (version 1.0).
 */
export function formatNpyHeader(shape: readonly number[]): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const dictionary = `{'descr': '|u1', 'fortran_order': False, 'shape': (${sizes}), }`
  const before = MAGIC.length + 2
  const length = Math.ceil((before + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT - before
  const size = Buffer.alloc(2)
  size.writeUInt16LE(length)
  return Buffer.concat([MAGIC, size, Buffer.from(`${dictionary.padEnd(length - 1)}\n`, 'latin1')])
}

/** The header at the start of a `.npy` file. `name` is the file's name in messages. @throws DataError when it is another format. */
export function parseNpyHeader(start: Buffer, name: string): NpyHeader {
  const text = start.subarray(10, 10 + start.readUInt16LE(8)).toString('latin1')
  const shape = /'shape': \(([\d, ]*)\)/.exec(text)?.[1]
  if (
    !start.subarray(0, 8).equals(MAGIC) ||
    !text.includes("'descr': '|u1'") ||
    !text.includes('False') ||
    shape === undefined
  ) {
    throw new DataError(
      `Expected ${name} to be a uint8 array in NumPy's format, received something else. Run the stage that writes it again.`,
    )
  }
  const sizes = shape.split(',').filter((size) => size.trim() !== '')
  return { shape: sizes.map(Number), offset: 10 + start.readUInt16LE(8) }
}

/** A `.npy` file open for positioned reads; close it. */
export interface NpyFile {
  readonly shape: readonly number[]
  /** Reads the rows at `indices` (first axis) into `target`, one after the other. */
  readRows(indices: readonly number[], target: Uint8Array): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a uint8 `.npy` file.
 *
 * @param crcs CRC-32 of each row, which is checked when the row is first read
 * @throws DataError when the file is not as long as its header says; from `readRows` for a damaged row
 */
export async function openNpy(path: string, crcs?: readonly number[]): Promise<NpyFile> {
  const file = await open(path, 'r')
  try {
    const start = Buffer.alloc(256)
    await file.read(start, 0, start.length, 0)
    const { shape, offset } = parseNpyHeader(start, path)
    const rowBytes = shape.slice(1).reduce((product, size) => product * size, 1)
    const expected = offset + (shape[0] ?? 0) * rowBytes
    const { size } = await file.stat()
    if (size !== expected) throw await damagedFile(path, `${size} bytes instead of ${expected}`)
    const isChecked = new Uint8Array(shape[0] ?? 0)
    return {
      shape,
      readRows: async (indices, target) => {
        const readRow = async (index: number, place: number) => {
          const row = target.subarray(place * rowBytes, (place + 1) * rowBytes)
          const isWhole = await readFully(file, row, offset + index * rowBytes)
          if (!isWhole || (crcs && !isChecked[index] && crc32(row) !== crcs[index])) {
            throw await damagedFile(path, `different bytes in row ${index}`)
          }
          isChecked[index] = 1
        }
        await Promise.all(indices.map(readRow))
      },
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Whether the file had all the bytes. */
async function readFully(file: FileHandle, target: Uint8Array, position: number): Promise<boolean> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done)
    if (bytesRead === 0) return false
    done += bytesRead
  }
  return true
}
