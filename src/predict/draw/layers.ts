import type { tf } from '../../tensorflow/raw.ts'

/** What a drawing says of a layer. */
export interface DrawnLayer {
  readonly name: string
  /** `Conv2D`, `Add`, … */
  readonly kind: string
  /** What it does in a few words, `3x3 conv 64 / 2` at stride 2; empty where its kind says as much. */
  readonly work: string
  /** Of its output, without the batch. */
  readonly shape: readonly number[]
  readonly parameters: number
  /** Names of the layers whose outputs it takes. */
  readonly inputs: readonly string[]
}

/** The layers of a network in their order, each after its inputs. */
export function drawnLayers(model: tf.LayersModel): DrawnLayer[] {
  return model.layers.map((layer) => {
    const kind = layer.getClassName()
    return {
      name: layer.name,
      kind,
      work: workOf(layer),
      shape: [layer.outputShape]
        .flat(2)
        .slice(1)
        .map((size) => size ?? 0),
      parameters: layer.countParams(),
      inputs: layer.inboundNodes[0]?.inboundLayers.map((inbound) => inbound.name) ?? [],
    }
  })
}

function workOf(layer: tf.layers.Layer): string {
  const [, role = ''] = SQUEEZE.exec(layer.name) ?? []
  if (role === 'reduce') return `squeeze and excite ${layer.getConfig().filters}`
  return role === '' ? (WORK[layer.getClassName()]?.(layer.getConfig()) ?? '') : ''
}

/** The layers of a squeeze and excitation are one work. */
const SQUEEZE = /_se_(squeeze|reshape|reduce|expand|excite)$/

type Config = Readonly<Record<string, unknown>>

const WORK: Readonly<Record<string, (config: Config) => string>> = {
  Conv2D: (config) => `${square(config.kernelSize)} conv ${config.filters}${stride(config.strides)}`,
  DepthwiseConv2D: (config) => `${square(config.kernelSize)} depthwise${stride(config.strides)}`,
  MaxPooling2D: (config) => `${square(config.poolSize)} max pool${stride(config.strides)}`,
  GlobalAveragePooling2D: () => 'mean over the image',
  Dense: (config) => `dense ${config.units}`,
  Dropout: (config) => `dropout ${Number(Number(config.rate).toFixed(3))}`,
}

function square(size: unknown): string {
  const [height, width] = [size, size].flat()
  return `${height}x${width}`
}

function stride(strides: unknown): string {
  const [down] = [strides].flat()
  return down === 1 ? '' : ` / ${down}`
}
