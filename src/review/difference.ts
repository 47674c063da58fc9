/** A saved model as its two files hold it. */
export interface ModelFiles {
  /** Text of model.json. */
  readonly topology: string
  /** Bytes of weights.bin. */
  readonly weights: Uint8Array
}

interface WeightSpec {
  readonly name: string
  readonly shape: readonly number[]
}

/** Where the weights of two models with the same layers part first, in a few words; undefined where they are the same. */
export function weightsDifference(first: ModelFiles, second: ModelFiles): string | undefined {
  if (Buffer.compare(first.weights, second.weights) === 0) return undefined
  const specs = specsOf(first.topology)
  if (JSON.stringify(specs) !== JSON.stringify(specsOf(second.topology))) return 'other layers'
  const [before, after] = [floatsOf(first.weights), floatsOf(second.weights)]
  let start = 0
  const parted: { name: string; count: number; size: number; greatest: number }[] = []
  for (const { name, shape } of specs) {
    const size = shape.reduce((product, side) => product * side, 1)
    const distances = [...before.subarray(start, start + size)].map((value, place) =>
      Math.abs(value - (after[start + place] ?? Number.NaN)),
    )
    const count = distances.filter((distance) => !(distance === 0)).length
    if (count > 0) parted.push({ name, count, size, greatest: distances.reduce((a, b) => Math.max(a, b), 0) })
    start += size
  }
  const [earliest] = parted
  if (earliest === undefined) return 'another number of bytes'
  const { name, count, size, greatest } = earliest
  return `first in ${name}: ${count} of ${size} numbers, by ${greatest.toPrecision(3)} at most; ${parted.length} of ${specs.length} arrays in all`
}

/** The first key whose value differs in two JSON texts, `userDefinedMetadata.bestEpoch: 3, 4`; undefined where none does. */
export function jsonDifference(first: string, second: string): string | undefined {
  return difference(JSON.parse(first), JSON.parse(second), '')
}

/** The first line that differs in two texts, with its number; undefined where none does. */
export function lineDifference(first: string, second: string): string | undefined {
  const [before, after] = [first.split('\n'), second.split('\n')]
  const place = before.findIndex((line, at) => line !== after[at])
  const at = place === -1 && after.length > before.length ? before.length : place
  return at === -1 ? undefined : `first in line ${at + 1}: ${before[at] || 'nothing'}; ${after[at] || 'nothing'}`
}

function difference(first: unknown, second: unknown, path: string): string | undefined {
  if (isObject(first) && isObject(second)) {
    const keys = [...new Set([...Object.keys(first), ...Object.keys(second)])]
    for (const key of keys) {
      const found = difference(first[key], second[key], path === '' ? key : `${path}.${key}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return first === second ? undefined : `first at ${path}: ${JSON.stringify(first)}, ${JSON.stringify(second)}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function specsOf(topology: string): WeightSpec[] {
  const { weightsManifest } = JSON.parse(topology) as { weightsManifest: { weights: WeightSpec[] }[] }
  return weightsManifest.flatMap(({ weights }) => weights.map(({ name, shape }) => ({ name, shape })))
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const whole = bytes.slice(0, bytes.length - (bytes.length % 4))
  return new Float32Array(whole.buffer)
}
