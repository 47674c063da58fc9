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
