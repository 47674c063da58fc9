import sharp, { type Sharp } from 'sharp'

/** What is done to the copy of a photograph: the bytes of a file to the bytes of a JPEG file. */
export type Change = (bytes: Buffer) => Promise<Buffer>

/** Quality of the copies that are changed in another way than by their quality. */
const QUALITY = 90

/** Everything that a near duplicate may have gone through, by its name. */
export const CHANGES: Readonly<Record<string, Change>> = {
  ...Object.fromEntries([50, 65, 80, 95].map((quality) => [`JPEG ${quality}`, encoded((image) => image, quality)])),
  ...Object.fromEntries([0.5, 0.75, 1.5, 2].map((factor) => [`resized ${factor}`, resized(factor)])),
  'cropped 5 % at each edge': cropped([0.05, 0.05, 0.05, 0.05]),
  'cropped 2.5 % at each edge': cropped([0.025, 0.025, 0.025, 0.025]),
  'cropped 5 % at left and top': cropped([0.05, 0.05, 0, 0]),
  'cropped 5 % at right': cropped([0, 0, 0.05, 0]),
  'brightened 10 %': encoded((image) => image.linear(1.1, 0)),
  mirrored: encoded((image) => image.flop()),
  'all of it: cropped 5 % at each edge, 0.5, brighter, mirrored, JPEG 50': async (bytes) => {
    const crop = await cropped([0.05, 0.05, 0.05, 0.05])(bytes)
    return encoded((image) => image.linear(1.1, 0).flop(), 50)(await resized(0.5)(crop))
  },
}

/** Changes that go further; of these not every copy is found. A caption has lines of dark words. */
export const FURTHER_CHANGES: Readonly<Record<string, Change>> = {
  ...Object.fromEntries([1, 2, 3, -3].map((degrees) => [`rotated ${degrees} degrees`, rotated(degrees)])),
  'rotated 2 degrees, cropped to its inside': async (bytes) =>
    cropped([0.05, 0.05, 0.05, 0.05])(await rotated(2)(bytes)),
  'cropped 7.5 % at each edge': cropped([0.075, 0.075, 0.075, 0.075]),
  'cropped 10 % at each edge': cropped([0.1, 0.1, 0.1, 0.1]),
  'cropped 10 % at left': cropped([0.1, 0, 0, 0]),
  'cropped 15 % at left': cropped([0.15, 0, 0, 0]),
  'cropped 15 % at top': cropped([0, 0.15, 0, 0]),
  'cropped 15 % at right': cropped([0, 0, 0.15, 0]),
  'cropped 15 % at bottom': cropped([0, 0, 0, 0.15]),
  'caption of 8 % below': barred({ bottom: 0.08, background: '#ffffff', isCaption: true }),
  'caption of 15 % below': barred({ bottom: 0.15, background: '#ffffff', isCaption: true }),
  'caption of 12 % above': barred({ top: 0.12, background: '#202020', isCaption: true }),
  'letterbox bars of 6 %': barred({ top: 0.06, bottom: 0.06, background: '#000000' }),
  'letterbox bars of 15 %': barred({ top: 0.15, bottom: 0.15, background: '#000000' }),
  'bars of 15 % at left and right': barred({ left: 0.15, right: 0.15, background: '#000000' }),
  watermark: overlaid((x, y) => [255, isOnGrid(x, y) ? 0.5 : 0]),
  vignette: overlaid((x, y) => [0, Math.min(Math.max(Math.hypot(x - 0.5, y - 0.5) - 0.3, 0) * 2, 0.8)]),
  'strip of text across': overlaid((x, y) => [isInWord(x, y) ? 0 : 255, y >= 0.7 && y < 0.82 ? 1 : 0]),
}

/** Lines of a watermark, and of words in the strip. */
function isOnGrid(x: number, y: number): boolean {
  return (x + y) % 0.25 < 0.02 || Math.abs(Math.hypot(x - 0.5, y - 0.5) - 0.25) < 0.015
}
function isInWord(x: number, y: number): boolean {
  return y >= 0.73 && y < 0.79 && x > 0.08 && x < 0.92 && x % 0.11 < 0.08 && x % 0.02 < 0.013
}

function rotated(degrees: number): Change {
  return async (bytes) => {
    const upright = await sharp(bytes).autoOrient().png({ compressionLevel: 0 }).toBuffer()
    return encoded((image) => image.rotate(degrees, { background: '#000000' }))(upright)
  }
}

interface Bars {
  /** Shares of the photograph's sides. */
  readonly top?: number
  readonly bottom?: number
  readonly left?: number
  readonly right?: number
  readonly background: string
  readonly isCaption?: boolean
}

function barred({ top = 0, bottom = 0, left = 0, right = 0, background, isCaption = false }: Bars): Change {
  return async (bytes) => {
    const { width, height } = (await sharp(bytes).metadata()).autoOrient
    const bars = {
      top: Math.round(height * top),
      bottom: Math.round(height * bottom),
      left: Math.round(width * left),
      right: Math.round(width * right),
    }
    const framed = await encoded((image) => image.extend({ ...bars, background }))(bytes)
    if (!isCaption) return framed
    const [start, end] = top > 0 ? [0, top / (1 + top)] : [1 / (1 + bottom), 1]
    const isText = (x: number, y: number) =>
      Math.abs(y - (start + end) / 2) < (end - start) / 6 && x > 0.08 && x < 0.8 && x % 0.09 < 0.07
    return overlaid((x, y) => [128, isText(x, y) ? 1 : 0])(framed)
  }
}

/** Draws over the photograph: grey, 0 to 255, and opacity, 0 to 1, at a place, both axes from 0 to 1. */
function overlaid(colourAt: (x: number, y: number) => readonly [number, number]): Change {
  return async (bytes) => {
    const { width, height } = (await sharp(bytes).metadata()).autoOrient
    const input = new Uint8Array(width * height * 4)
    for (let place = 0; place < width * height; place++) {
      const [grey, opacity] = colourAt((place % width) / width, Math.floor(place / width) / height)
      input.set([grey, grey, grey, Math.round(255 * opacity)], 4 * place)
    }
    const overlay = { input: Buffer.from(input), raw: { width, height, channels: 4 as const } }
    return encoded((image) => image.composite([overlay]))(bytes)
  }
}

function encoded(change: (image: Sharp) => Sharp, quality = QUALITY): Change {
  return (bytes) => change(sharp(bytes).autoOrient()).jpeg({ quality }).toBuffer()
}

function resized(factor: number): Change {
  return async (bytes) => {
    const { width } = (await sharp(bytes).metadata()).autoOrient
    return encoded((image) => image.resize(Math.round(width * factor)))(bytes)
  }
}

/** Shares of the sides that go at the left, the top, the right and the bottom. */
function cropped([left, top, right, bottom]: readonly [number, number, number, number]): Change {
  return async (bytes) => {
    const { width, height } = (await sharp(bytes).metadata()).autoOrient
    const [x, y] = [Math.round(width * left), Math.round(height * top)]
    const area = {
      left: x,
      top: y,
      width: width - x - Math.round(width * right),
      height: height - y - Math.round(height * bottom),
    }
    return encoded((image) => image.extract(area))(bytes)
  }
}
