import type { tf } from '../tensorflow/raw.ts'

const COLUMNS = ['Layer (type)', 'Output Shape', 'Param #', 'Connected to'] as const
const GAP = 2
const BYTES_PER_PARAMETER = 4

/** The layers of a network as Keras's `summary` prints them: a line a layer, and parameters in total, trainable or not. */
export function summarize(model: tf.LayersModel, title: string): string {
  const rows = model.layers.map((layer) => [
    `${layer.name} (${layer.getClassName()})`,
    formatShape(layer.outputShape),
    String(layer.countParams()),
    sourcesOf(layer).join(', '),
  ])
  const widths = COLUMNS.map((column, index) =>
    Math.max(...[column, ...rows.map((row) => row[index] ?? '')].map(({ length }) => length)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd((widths[index] ?? 0) + GAP))
      .join('')
      .trimEnd()
  const width = widths.reduce((sum, column) => sum + column + GAP, -GAP)
  const { total, trainable } = countParameters(model)
  return [
    `Model: "${title}"`,
    '_'.repeat(width),
    line(COLUMNS),
    '='.repeat(width),
    ...rows.map(line),
    '='.repeat(width),
    `Total params: ${formatParameters(total)}`,
    `Trainable params: ${formatParameters(trainable)}`,
    `Non-trainable params: ${formatParameters(total - trainable)}`,
    '_'.repeat(width),
  ].join('\n')
}

/** Numbers in all weights, and in those that training changes. */
export function countParameters(model: tf.LayersModel): { total: number; trainable: number } {
  const count = (weights: readonly { shape: readonly (number | null)[] }[]) =>
    weights.reduce((sum, { shape }) => sum + shape.reduce<number>((product, size) => product * (size ?? 1), 1), 0)
  return { total: count(model.weights), trainable: count(model.trainableWeights) }
}

function formatShape(shape: tf.Shape | tf.Shape[]): string {
  return `(${[shape]
    .flat(2)
    .map((size) => size ?? 'None')
    .join(', ')})`
}

/** Names of the layers whose outputs this one takes. */
function sourcesOf(layer: tf.layers.Layer): string[] {
  if (layer.getClassName() === 'InputLayer') return []
  return [layer.input].flat().map((input) => input.sourceLayer.name)
}

function formatParameters(count: number): string {
  const digits = String(count).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${digits} (${formatBytes(count * BYTES_PER_PARAMETER)})`
}

function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB']
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  return `${(bytes / 1024 ** power).toFixed(2)} ${units[power]}`
}
