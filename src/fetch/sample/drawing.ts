import { type Color, clamp, mix, type Paint, plain } from './color.ts'

/** A disc: its centre (y grows downwards) and its radius. */
export type Disc = readonly [x: number, y: number, radius: number]

/** The outline around discs in a row: a leg, a neck, an ear. */
export type Limb = readonly Disc[]

/** Limbs that are painted as one. */
export interface Layer {
  readonly limbs: readonly Limb[]
  readonly paint: Paint
  /** How far two limbs melt into each other. */
  readonly soft: number
  /** Width of the shading along the edge. */
  readonly round: number
  readonly opacity: number
  /** Pixels in one unit of the drawing, once placed in an image. */
  readonly unit: number
}

/** Where a drawing goes: it is mirrored (left and right), scaled, turned, then moved to (x, y). */
export interface Place {
  readonly x?: number
  readonly y?: number
  readonly scale?: number
  /** The tangent of half the angle, clockwise. */
  readonly turn?: number
  readonly mirrored?: boolean
}

export function limb(...discs: readonly Disc[]): Limb {
  return discs
}

export function ball(x: number, y: number, radius: number): Limb {
  return [[x, y, radius]]
}

/** A limb along the quadratic Bézier curve from `start` to `end` with the control point `towards`. */
export function curve([ax, ay, ar]: Disc, [bx, by, br]: Disc, [cx, cy, cr]: Disc): Limb {
  return [0, 0.2, 0.4, 0.6, 0.8, 1].map((t): Disc => {
    const [a, b, c] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t]
    return [a * ax + b * bx + c * cx, a * ay + b * by + c * cy, a * ar + b * br + c * cr]
  })
}

/** A large furry part: soft joints, broad shading. */
export function fur(paint: Paint, ...limbs: readonly Limb[]): Layer {
  return { limbs, paint, soft: 0.16, round: 0.3, opacity: 1, unit: 1 }
}

/** A small feature with sharp edges: nose, eye, hoof. */
export function detail(color: Color, ...limbs: readonly Limb[]): Layer {
  return { limbs, paint: plain(color), soft: 0, round: 0.05, opacity: 1, unit: 1 }
}

export function placed(layers: readonly Layer[], place: Place): Layer[] {
  const { x = 0, y = 0, scale = 1, turn = 0, mirrored = false } = place
  const [cos, sin] = direction(turn)
  const move = ([fromX, fromY, radius]: Disc): Disc => {
    const side = mirrored ? -fromX : fromX
    return [x + scale * (cos * side - sin * fromY), y + scale * (sin * side + cos * fromY), scale * radius]
  }
  return layers.map((layer) => ({
    ...layer,
    limbs: layer.limbs.map((discs) => discs.map(move)),
    unit: layer.unit * scale,
  }))
}

/** The unit vector at an angle, from the tangent of half of it: exact arithmetic where Math.sin and Math.cos are not. */
export function direction(halfTangent: number): readonly [x: number, y: number] {
  const square = halfTangent * halfTangent
  return [(1 - square) / (1 + square), (2 * halfTangent) / (1 + square)]
}

/** The smallest box around all layers. */
export function boxOf(layers: readonly Layer[]) {
  const discs = layers.flatMap((layer) => layer.limbs.flat())
  return {
    left: Math.min(...discs.map(([x, _, radius]) => x - radius)),
    top: Math.min(...discs.map(([_, y, radius]) => y - radius)),
    right: Math.max(...discs.map(([x, _, radius]) => x + radius)),
    bottom: Math.max(...discs.map(([_, y, radius]) => y + radius)),
  }
}

/** An image in the making: `[S, S, 3]` float32, in [0, 1]. */
export interface Canvas {
  readonly size: number
  readonly pixels: Float32Array
}

/** How much lighter edges are that face right and down; the light comes from above. */
const LIGHT = { x: -0.12, y: -0.25 }
const FAR = 1e4 // pixels

/** Paints a layer whose lengths are pixels. The edge is soft over one pixel. */
export function paintLayer({ size, pixels }: Canvas, layer: Layer): void {
  const { left, top, right, bottom } = boxOf([layer])
  const segments = layer.limbs.flatMap(segmentsOf)
  const soft = layer.soft * layer.unit
  const round = Math.max(layer.round * layer.unit, 1)
  for (let row = Math.max(Math.floor(top - soft), 0); row < Math.min(bottom + soft + 1, size); row++) {
    for (let column = Math.max(Math.floor(left - soft), 0); column < Math.min(right + soft + 1, size); column++) {
      const [x, y] = [column + 0.5, row + 0.5]
      const { distance, slopeX, slopeY } = surfaceAt(x, y, segments, soft)
      if (distance >= 0.5) continue
      const cover = Math.min(0.5 - distance, 1) * layer.opacity
      const rim = 1 - clamp(-distance / round, 0, 1) // 0 inside, 1 at the edge
      const lit = 1 + rim * (slopeX * LIGHT.x + slopeY * LIGHT.y) - 0.45 * rim * rim * rim
      const color = layer.paint(x / layer.unit, y / layer.unit)
      for (const channel of [0, 1, 2] as const) {
        const at = (row * size + column) * 3 + channel
        pixels[at] = mix(pixels[at] as number, clamp(color[channel] * lit, 0, 1), cover)
      }
    }
  }
}

/** The pairs of neighbouring discs; of a single disc itself twice. */
function segmentsOf(limb: Limb) {
  return limb.slice(0, Math.max(limb.length - 1, 1)).map(([x, y, radius], index) => {
    const [endX, endY, endRadius] = limb[index + 1] ?? [x, y, radius]
    return { x, y, radius, dx: endX - x, dy: endY - y, growth: endRadius - radius }
  })
}

/**
 * The signed distance to the edge of all segments, negative inside, and the direction away from their axis.
 *
 * Source: Inigo Quilez, quadratic polynomial smooth minimum, https://iquilezles.org/articles/smin/
 */
function surfaceAt(px: number, py: number, segments: ReturnType<typeof segmentsOf>, soft: number) {
  let [distance, slopeX, slopeY] = [FAR, 0, 0]
  for (const { x, y, radius, dx, dy, growth } of segments) {
    const length2 = dx * dx + dy * dy
    const along = length2 > 0 ? clamp(((px - x) * dx + (py - y) * dy) / length2, 0, 1) : 0
    const awayX = px - x - along * dx
    const awayY = py - y - along * dy
    const away = Math.sqrt(awayX * awayX + awayY * awayY)
    const own = away - radius - along * growth
    const share = soft > 0 ? clamp(0.5 + (distance - own) / (2 * soft), 0, 1) : Number(own < distance)
    if (share === 0) continue
    distance = mix(distance, own, share) - soft * share * (1 - share)
    slopeX = mix(slopeX, awayX / (away + 1e-9), share)
    slopeY = mix(slopeY, awayY / (away + 1e-9), share)
  }
  return { distance, slopeX, slopeY }
}
