import type { tf } from '../../src/tensorflow/raw.ts'
import type { Finding } from './findings.ts'

/** Input, preprocessing and head, Keras's paddings at stride 2, which are TensorFlow's SAME here (ResNet50's are shared), and ConvNeXt's sums, which have no names in Keras. */
const OWN_LAYER =
  /^(image|input_layer\w*|rescaling\w*|normalization\w*|classification|dropout|(?!conv1|pool1)\w+_pad|convnext_tiny_prestem_normalization|add(_\d+)?|convnext_tiny_\w+_add)$/

/** The layers of a network as the rows of Keras's summary: layer and class, output shape, parameters, inputs. */
export function summaryRows({ layers }: tf.LayersModel): string[][] {
  return layers.map((layer) => {
    const shape = [layer.outputShape].flat(2).map((size) => size ?? 'None')
    const inputs = layer.getClassName() === 'InputLayer' ? [] : [layer.input].flat()
    return [
      `${layer.name} (${classOf(layer)})`,
      `(${shape.join(', ')})`,
      String(layer.countParams()),
      inputs.map(({ sourceLayer }) => sourceLayer.name).join(', '),
    ]
  })
}

/** Keras's class of layers that are of another here, under the same name. */
const CLASSES = [
  [/^convnext_tiny_\w+_depthwise_conv$/, 'Conv2D'],
  [/^convnext_tiny_\w+_pointwise_conv_\d$/, 'Dense'],
  [/^convnext_tiny_\w+_layer_scale$/, 'LayerScale'],
] as const

function classOf(layer: tf.layers.Layer): string {
  return CLASSES.find(([name]) => name.test(layer.name))?.[1] ?? layer.getClassName()
}

/** Lines of layers that only one of two summaries has: our rows, and the lines that Keras prints. */
export function compareSummaries(ours: readonly (readonly string[])[], theirs: readonly string[]): Finding {
  const found = linesOf(ours)
  const expected = linesOf(theirs.map((line) => line.split(' │ ')))
  const only = [
    ...found.filter((line) => !expected.includes(line)),
    ...expected.filter((line) => !found.includes(line)),
  ]
  const difference = expected.length > 0 ? only.length : Number.NaN
  return { what: `${expected.length} lines of the summary`, difference, bound: 0, place: only[0] ?? '' }
}

/** Layer and class, output shape, parameters, and the layers before it, of the layers that both have, in one spelling. */
function linesOf(rows: readonly (readonly string[])[]): string[] {
  const layers = rows.flatMap(([layer = '', shape = '', parameters = '', before = '']) => {
    const name = /^(\w+) \(\w+\)$/.exec(layer)?.[1]
    if (!name || !shape.startsWith('(')) return []
    const sources = before.split(/,\s*/).flatMap((source) => /^\w+/.exec(source) ?? [])
    return [{ name, facts: [layer, shape, parameters.replaceAll(',', '')], sources }]
  })
  const sourcesOf = new Map(layers.map(({ name, sources }) => [name, sources]))
  const shared = (source: string): string[] =>
    OWN_LAYER.test(source) ? (sourcesOf.get(source) ?? []).flatMap(shared) : [source]
  return layers
    .filter(({ name }) => !OWN_LAYER.test(name))
    .map(({ facts, sources }) => [...facts, ...sources.flatMap(shared)].join(' '))
}
