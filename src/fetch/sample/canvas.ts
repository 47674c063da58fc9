import { markAt } from './coat.ts'
import { around, type Box, clamp, mix, type Similarity } from './geometry.ts'
import type { Layer } from './layers.ts'
import { boxOf, distanceTo, type Shape } from './shapes.ts'

/** An image in the making. */
export interface Canvas {
  readonly size: number
  /** `[S, S, 3]` float32, in [0, 1]. */
  readonly pixels: Float32Array
  /** `[S, S]` float32: scratch for the signed distance to the layer's edge, in pixels. */
  readonly field: Float32Array
}

/** Where the light comes from (a direction of length 1) and how strongly it shapes. */
export interface Light {
  readonly x: number
  readonly y: number
  readonly strength: number
}

const FAR = 1e6
const MARGIN = 2 // pixels around a shape that its soft edge and the slope of the field need

export function blankCanvas(size: number): Canvas {
  return { size, pixels: new Float32Array(size * size * 3), field: new Float32Array(size * size) }
}

/**
 * Paints a layer, given in pixels; the edge is soft over one pixel.
 *
 * @param toBody from pixels to the body's own units, in which coat patterns are measured
 */
export function paintLayer(canvas: Canvas, layer: Layer, toBody: Similarity, light: Light): void {
  if (layer.shapes.length === 0) return
  const reach = MARGIN + layer.blend
  const box = pixelBox(around(layer.shapes.map(boxOf)), reach, canvas.size)
  for (let y = box.top; y <= box.bottom; y++) {
    canvas.field.fill(FAR, y * canvas.size + box.left, y * canvas.size + box.right + 1)
  }
  for (const shape of layer.shapes) measure(canvas, shape, layer.blend, reach)
  fill(canvas, layer, box, toBody, light)
}

function pixelBox(box: Box, reach: number, size: number): Box {
  return {
    left: clamp(Math.floor(box.left - reach), 0, size),
    top: clamp(Math.floor(box.top - reach), 0, size),
    right: clamp(Math.ceil(box.right + reach), -1, size - 1),
    bottom: clamp(Math.ceil(box.bottom + reach), -1, size - 1),
  }
}

/** Joins one shape to the field. Source: Inigo Quilez, quadratic smooth minimum, https://iquilezles.org/articles/smin/ */
function measure({ field, size }: Canvas, shape: Shape, blend: number, reach: number): void {
  const { left, top, right, bottom } = pixelBox(boxOf(shape), reach, size)
  const distance = distanceTo(shape)
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const at = y * size + x
      const before = field[at] as number
      const here = distance(x + 0.5, y + 0.5)
      const overlap = blend - Math.abs(before - here)
      const melt = overlap > 0 ? (overlap * overlap) / (4 * blend) : 0
      field[at] = Math.min(before, here) - melt
    }
  }
}

function fill({ pixels, field, size }: Canvas, layer: Layer, box: Box, toBody: Similarity, light: Light): void {
  const { base, mark } = layer.fill
  const round = Math.max(layer.round, 1)
  for (let y = box.top; y <= box.bottom; y++) {
    for (let x = box.left; x <= box.right; x++) {
      const at = y * size + x
      const distance = field[at] as number
      if (distance >= 0.5) continue
      const cover = Math.min(0.5 - distance, 1) * layer.opacity
      const rim = 1 - clamp(-distance / round, 0, 1)
      const slopeX = clamp(((field[at + (x + 1 < size ? 1 : 0)] as number) - distance) * 1, -1, 1)
      const slopeY = clamp(((field[at + (y + 1 < size ? size : 0)] as number) - distance) * 1, -1, 1)
      const lit = (slopeX * light.x + slopeY * light.y) * light.strength * rim
      const shade = layer.light * (1 + lit - 0.45 * rim * rim * rim)
      const bodyX = toBody.xx * (x + 0.5) + toBody.xy * (y + 0.5) + toBody.x0
      const bodyY = toBody.yx * (x + 0.5) + toBody.yy * (y + 0.5) + toBody.y0
      const share = markAt(layer.fill, bodyX, bodyY)
      for (let channel = 0; channel < 3; channel++) {
        const color = mix(base[channel as 0 | 1 | 2], mark[channel as 0 | 1 | 2], share) * shade
        const under = pixels[at * 3 + channel] as number
        pixels[at * 3 + channel] = mix(under, clamp(color, 0, 1), cover)
      }
    }
  }
}
