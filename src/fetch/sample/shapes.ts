import { type Box, cosine, moved, type Similarity, sine } from './geometry.ts'

/** Two discs and all that lies between them: legs, necks, tails, and ears, whose second disc is almost a point. */
export interface Cone {
  readonly kind: 'cone'
  readonly ax: number
  readonly ay: number
  readonly ar: number
  readonly bx: number
  readonly by: number
  readonly br: number
}

/** An ellipse; (ux, uy) is the direction of the half axis `rx`. */
export interface Oval {
  readonly kind: 'oval'
  readonly x: number
  readonly y: number
  readonly rx: number
  readonly ry: number
  readonly ux: number
  readonly uy: number
}

export type Shape = Cone | Oval

/** A disc on the way of a limb: x, y, radius. */
export type Joint = readonly [x: number, y: number, radius: number]

/** An ellipse turned by `angle` radians. */
export function oval(x: number, y: number, rx: number, ry: number, angle = 0): Oval {
  return { kind: 'oval', x, y, rx, ry, ux: cosine(angle), uy: sine(angle) }
}

/** Cones from joint to joint. */
export function limb(...joints: readonly Joint[]): Cone[] {
  const cones: Cone[] = []
  joints.forEach(([bx, by, br], index) => {
    const before = joints[index - 1]
    if (before) cones.push({ kind: 'cone', ax: before[0], ay: before[1], ar: before[2], bx, by, br })
  })
  return cones
}

/** A limb along the parabola from the first joint to the last, drawn towards the second (Bezier). */
export function curve(start: Joint, towards: Joint, end: Joint, steps = 7): Cone[] {
  const at = (axis: 0 | 1 | 2, t: number) =>
    (1 - t) * (1 - t) * start[axis] + 2 * t * (1 - t) * towards[axis] + t * t * end[axis]
  const joints = Array.from({ length: steps + 1 }, (_, step): Joint => {
    const t = step / steps
    return [at(0, t), at(1, t), at(2, t)]
  })
  return limb(...joints)
}

/** The shape where the similarity takes it. */
export function movedShape(shape: Shape, by: Similarity): Shape {
  if (shape.kind === 'cone') {
    const a = moved({ x: shape.ax, y: shape.ay }, by)
    const b = moved({ x: shape.bx, y: shape.by }, by)
    return { kind: 'cone', ax: a.x, ay: a.y, ar: shape.ar * by.scale, bx: b.x, by: b.y, br: shape.br * by.scale }
  }
  const centre = moved(shape, by)
  const ux = (by.xx * shape.ux + by.xy * shape.uy) / by.scale
  const uy = (by.yx * shape.ux + by.yy * shape.uy) / by.scale
  return { kind: 'oval', ...centre, rx: shape.rx * by.scale, ry: shape.ry * by.scale, ux, uy }
}

/** The box around a shape. */
export function boxOf(shape: Shape): Box {
  if (shape.kind === 'cone') {
    const { ax, ay, ar, bx, by, br } = shape
    return {
      left: Math.min(ax - ar, bx - br),
      top: Math.min(ay - ar, by - br),
      right: Math.max(ax + ar, bx + br),
      bottom: Math.max(ay + ar, by + br),
    }
  }
  const { x, y, rx, ry, ux, uy } = shape
  const width = Math.sqrt(rx * rx * ux * ux + ry * ry * uy * uy)
  const height = Math.sqrt(rx * rx * uy * uy + ry * ry * ux * ux)
  return { left: x - width, top: y - height, right: x + width, bottom: y + height }
}

/** The signed distance from a point to the shape's edge, below 0 inside; for an oval a close approximation. */
export function distanceTo(shape: Shape): (x: number, y: number) => number {
  return shape.kind === 'cone' ? toCone(shape) : toOval(shape)
}

/** Source: Inigo Quilez, 2D distance functions, "Uneven Capsule", https://iquilezles.org/articles/distfunctions2d/ */
function toCone({ ax, ay, ar, bx, by, br }: Cone): (x: number, y: number) => number {
  const height = Math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
  if (height <= Math.abs(ar - br)) {
    const [cx, cy, r] = ar >= br ? [ax, ay, ar] : [bx, by, br] // the greater disc holds the smaller one
    return (x, y) => Math.sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy)) - r
  }
  const ux = (bx - ax) / height
  const uy = (by - ay) / height
  const slope = (ar - br) / height
  const lean = Math.sqrt(1 - slope * slope)
  return (x, y) => {
    const along = (x - ax) * ux + (y - ay) * uy
    const across = Math.abs((x - ax) * uy - (y - ay) * ux)
    const k = lean * along - slope * across
    if (k < 0) return Math.sqrt(along * along + across * across) - ar
    if (k > lean * height) return Math.sqrt((along - height) * (along - height) + across * across) - br
    return across * lean + along * slope - ar
  }
}

/** Source: Inigo Quilez, ellipsoid distance by its gradient, https://iquilezles.org/articles/ellipsoids/ */
function toOval({ x: cx, y: cy, rx, ry, ux, uy }: Oval): (x: number, y: number) => number {
  return (x, y) => {
    const u = ((x - cx) * ux + (y - cy) * uy) / rx
    const v = ((y - cy) * ux - (x - cx) * uy) / ry
    const inner = Math.sqrt(u * u + v * v)
    const slope = Math.sqrt((u * u) / (rx * rx) + (v * v) / (ry * ry))
    return slope > 1e-9 ? (inner * (inner - 1)) / slope : -Math.min(rx, ry)
  }
}
