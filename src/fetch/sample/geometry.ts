/** A place or a direction in the plane; y grows downwards, as in images. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A rectangle with its sides along the axes. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** A similarity: (x, y) -> (xx x + xy y + x0, yx x + yy y + y0), one scale in every direction. */
export interface Similarity {
  readonly xx: number
  readonly xy: number
  readonly yx: number
  readonly yy: number
  readonly x0: number
  readonly y0: number
  /** The length that one unit becomes. */
  readonly scale: number
}

/** Scale, mirror (left and right), turn by `angle` radians (clockwise as seen) and move, in this order. */
export function similarity(x0: number, y0: number, scale: number, angle = 0, mirrored = false): Similarity {
  const c = cosine(angle) * scale
  const s = sine(angle) * scale
  const side = mirrored ? -1 : 1
  return { xx: c * side, xy: -s, yx: s * side, yy: c, x0, y0, scale }
}

/** Where the similarity takes a point. */
export function moved(at: Point, by: Similarity): Point {
  return { x: by.xx * at.x + by.xy * at.y + by.x0, y: by.yx * at.x + by.yy * at.y + by.y0 }
}

/** The similarity that takes everything back. */
export function inverse(of: Similarity): Similarity {
  const determinant = of.xx * of.yy - of.xy * of.yx
  const xx = of.yy / determinant
  const xy = -of.xy / determinant
  const yx = -of.yx / determinant
  const yy = of.xx / determinant
  return { xx, xy, yx, yy, x0: -(xx * of.x0 + xy * of.y0), y0: -(yx * of.x0 + yy * of.y0), scale: 1 / of.scale }
}

/** The smallest box around all boxes. */
export function around(boxes: readonly Box[]): Box {
  return boxes.reduce((all, box) => ({
    left: Math.min(all.left, box.left),
    top: Math.min(all.top, box.top),
    right: Math.max(all.right, box.right),
    bottom: Math.max(all.bottom, box.bottom),
  }))
}

/**
 * Sine, made of + - * / alone.
 *
 * JavaScript leaves the last digits of Math.sin to the engine, and V8 has changed them between versions; the sample must
 * have the same bytes everywhere. Taylor's series to x^15 is within 1e-11 on [-pi/2, pi/2].
 */
export function sine(angle: number): number {
  const turned = angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI))
  const x = turned > Math.PI / 2 ? Math.PI - turned : turned < -Math.PI / 2 ? -Math.PI - turned : turned
  let term = x
  let sum = x
  for (let n = 3; n <= 15; n += 2) {
    term *= -(x * x) / (n * (n - 1))
    sum += term
  }
  return sum
}

/** Cosine, as exact and as repeatable as `sine`. */
export function cosine(angle: number): number {
  return sine(angle + Math.PI / 2)
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share
}

/** 0 up to `low`, 1 from `high` on, an even S between. */
export function smoothstep(low: number, high: number, value: number): number {
  const share = clamp((value - low) / (high - low), 0, 1)
  return share * share * (3 - 2 * share)
}
