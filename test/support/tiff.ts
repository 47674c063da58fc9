/** A TIFF of 16 x 16 pixels of one colour, as few encoders write them. */
export interface TiffDrawing {
  readonly samples: readonly number[]
  readonly bits?: 8 | 16 | 32
  /** Tag SampleFormat: 1 for whole numbers, 3 for floating point. */
  readonly format?: 1 | 3
  readonly photometric?: number
  /** What the header says; the data is never compressed. */
  readonly compression?: number
  readonly extraSamples?: number
  /** Whether the tags are in descending order, which the format forbids. */
  readonly isUnsorted?: boolean
}

type Tag = readonly [tag: number, values: readonly number[]]

const SIDE = 16
const HEADER_BYTES = 8

/** Encodes it, little endian, one strip. Source: TIFF 6.0, sections 2 to 4 */
export function encodeTiff(drawing: TiffDrawing): Buffer {
  const { samples, bits = 8, format = 1, photometric = 2, compression = 1, extraSamples, isUnsorted = false } = drawing
  const pixel = Buffer.concat(samples.map((sample) => encodeSample(sample, bits, format)))
  const pixels = Buffer.concat(Array.from({ length: SIDE * SIDE }, () => pixel))
  const extra = samples.length - 3
  const tags: Tag[] = [
    [256, [SIDE]],
    [257, [SIDE]],
    [258, samples.map(() => bits)],
    [259, [compression]],
    [262, [photometric]],
    [273, [HEADER_BYTES]],
    [277, [samples.length]],
    [278, [SIDE]],
    [279, [pixels.length]],
    ...(extraSamples === undefined ? [] : [[338, Array.from({ length: extra }, () => extraSamples)] as const]),
    [339, samples.map(() => format)],
  ]
  const directory = HEADER_BYTES + pixels.length
  return Buffer.concat([toHeader(directory), pixels, encodeDirectory(isUnsorted ? tags.reverse() : tags, directory)])
}

function toHeader(directory: number): Buffer {
  const header = Buffer.from('II*\0\0\0\0\0', 'latin1')
  header.writeUInt32LE(directory, 4)
  return header
}

/** Entries of unsigned shorts; those that do not fit into four bytes lie behind the directory. */
function encodeDirectory(tags: readonly Tag[], start: number): Buffer {
  const entries = Buffer.alloc(2 + 12 * tags.length + 4)
  entries.writeUInt16LE(tags.length)
  let behind = Buffer.alloc(0)
  for (const [number, [tag, values]] of tags.entries()) {
    const encoded = Buffer.from(Uint16Array.from(values).buffer)
    const at = 2 + 12 * number
    entries.writeUInt16LE(tag, at)
    entries.writeUInt16LE(3, at + 2)
    entries.writeUInt32LE(values.length, at + 4)
    if (encoded.length <= 4) encoded.copy(entries, at + 8)
    else {
      entries.writeUInt32LE(start + entries.length + behind.length, at + 8)
      behind = Buffer.concat([behind, encoded])
    }
  }
  return Buffer.concat([entries, behind])
}

function encodeSample(sample: number, bits: number, format: number): Buffer {
  const bytes = Buffer.alloc(bits / 8)
  if (format === 3) bytes.writeFloatLE(sample)
  else bytes.writeUIntLE(sample, 0, bytes.length)
  return bytes
}
