import type { Image } from './resample.ts'

/** Where a pixel of the turned image comes from, for each EXIF orientation: the place in the stored one, of its size. */
type From = (x: number, y: number, width: number, height: number) => readonly [x: number, y: number]

const FROM: Readonly<Record<number, From>> = {
  1: (x, y) => [x, y],
  2: (x, y, width) => [width - 1 - x, y],
  3: (x, y, width, height) => [width - 1 - x, height - 1 - y],
  4: (x, y, _width, height) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _width, height) => [y, height - 1 - x],
  7: (x, y, width, height) => [width - 1 - y, height - 1 - x],
  8: (x, y, width) => [width - 1 - y, x],
}

/** An image as it is to be looked at, by its EXIF orientation (1 to 8; any other: as it is stored). */
export function orient(image: Image, orientation: number): Image {
  const from = FROM[orientation]
  if (!from || orientation === 1) return image
  const turned = orientation >= 5
  const [width, height] = turned ? [image.height, image.width] : [image.width, image.height]
  const pixels = new Uint8Array(image.pixels.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [sourceX, sourceY] = from(x, y, image.width, image.height)
      const source = (sourceY * image.width + sourceX) * 3
      pixels.set(image.pixels.subarray(source, source + 3), (y * width + x) * 3)
    }
  }
  return { width, height, pixels }
}

/** The square in the centre, as sharp crops it. */
export function cropCentre({ width, height, pixels }: Image, size: number): Image {
  const [left, top] = [width, height].map((length) => Math.floor((length - size + 1) / 2)) as [number, number]
  const cropped = new Uint8Array(size * size * 3)
  for (let y = 0; y < size; y++) {
    const start = ((top + y) * width + left) * 3
    cropped.set(pixels.subarray(start, start + size * 3), y * size * 3)
  }
  return { width: size, height: size, pixels: cropped }
}
