/** A saved model: the text of model.json and the bytes of weights.bin. */
export interface ModelFiles {
  readonly topology: string
  readonly weights: Uint8Array
}

interface WeightSpec {
  readonly name: string
  readonly shape: readonly number[]
}

/** First differing weight tensor of two models with the same layers, in one line; undefined where all bytes are equal. */
export function weightsDifference(first: ModelFiles, second: ModelFiles): string | undefined {
  if (Buffer.compare(first.weights, second.weights) === 0) return undefined
  const specs = specsOf(first.topology)
  if (JSON.stringify(specs) !== JSON.stringify(specsOf(second.topology))) return 'the layers differ'
  const [before, after] = [floatsOf(first.weights), floatsOf(second.weights)]
  let start = 0
  const differing: { name: string; count: number; size: number; largest: number }[] = []
  for (const { name, shape } of specs) {
    const size = shape.reduce((product, side) => product * side, 1)
    const distances = [...before.subarray(start, start + size)].map((value, place) =>
      Math.abs(value - (after[start + place] ?? Number.NaN)),
    )
    const count = distances.filter((distance) => !(distance === 0)).length
    if (count > 0) differing.push({ name, count, size, largest: distances.reduce((a, b) => Math.max(a, b), 0) })
    start += size
  }
  const [earliest] = differing
  if (earliest === undefined) return 'the number of bytes differs'
  const { name, count, size, largest } = earliest
  return `first in ${name}: ${count} of ${size} numbers, by ${largest.toPrecision(3)} at most; ${differing.length} of ${specs.length} tensors differ`
}

function specsOf(topology: string): WeightSpec[] {
  const { weightsManifest } = JSON.parse(topology) as { weightsManifest: { weights: WeightSpec[] }[] }
  return weightsManifest.flatMap(({ weights }) => weights.map(({ name, shape }) => ({ name, shape })))
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const whole = bytes.slice(0, bytes.length - (bytes.length % 4))
  return new Float32Array(whole.buffer)
}
