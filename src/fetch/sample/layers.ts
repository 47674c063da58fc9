import { type Color, type Fill, plain } from './coat.ts'
import { around, type Box, type Similarity } from './geometry.ts'
import { boxOf, movedShape, type Shape } from './shapes.ts'

/** Shapes that are painted as one: their union, its corners filled softly. */
export interface Layer {
  readonly shapes: readonly Shape[]
  readonly fill: Fill
  /** How far two shapes melt into each other. */
  readonly blend: number
  /** How broad the shading along the edge is. */
  readonly round: number
  /** Brightness; parts on the far side are darker. */
  readonly light: number
  /** 1 hides what is behind; shadows let it through. */
  readonly opacity: number
}

/** A furry part: soft joints, broad shading. */
export function fur(fill: Fill, shapes: readonly Shape[], light = 1): Layer {
  return { shapes, fill, blend: 0.16, round: 0.3, light, opacity: 1 }
}

/** A small feature of one colour: nose, eye, hoof. */
export function detail(color: Color, ...shapes: readonly Shape[]): Layer {
  return { shapes, fill: plain(color), blend: 0, round: 0.05, light: 1, opacity: 1 }
}

/** The layers where the similarity takes them. */
export function movedLayers(layers: readonly Layer[], by: Similarity): Layer[] {
  return layers.map((layer) => ({
    ...layer,
    shapes: layer.shapes.map((shape) => movedShape(shape, by)),
    blend: layer.blend * by.scale,
    round: layer.round * by.scale,
  }))
}

/** The box around all layers. */
export function boxAround(layers: readonly Layer[]): Box {
  return around(layers.flatMap((layer) => layer.shapes.map(boxOf)))
}
