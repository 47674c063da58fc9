type Shape = readonly number[]

/** As stored in the official files, where `variance` holds the standard deviation. */
export const NORMALIZATION: Readonly<Record<string, number[]>> = {
  mean: [0.485, 0.456, 0.406],
  variance: [0.229, 0.224, 0.225],
}

/** Numbers in [0, 1), as in keras/formula.py: FNV-1a of the name, then MurmurHash3's finalizer of each index. */
export function uniform(name: string, count: number): Float64Array {
  let seed = 2166136261
  for (const byte of Buffer.from(name)) seed = Math.imul(seed ^ byte, 16777619)
  return Float64Array.from({ length: count }, (_, place) => {
    let x = (seed + Math.imul(place, 0x9e3779b1)) | 0
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32
  })
}

/** The values of a weight by its official name, as `weight` in keras/formula.py. */
export function formulaWeight(name: string, shape: Shape, gain: number): Float32Array {
  const role = name.slice(name.lastIndexOf('/') + 1).replace(':0', '')
  const fanIn = product(role === 'depthwise_kernel' ? shape.slice(0, 2) : shape.slice(0, -1))
  const spread = Math.sqrt(3 / fanIn)
  const from: Readonly<Record<string, (centred: number) => number>> = {
    kernel: (centred) => gain * centred * spread,
    depthwise_kernel: (centred) => gain * centred * spread,
    bias: (centred) => centred / 8,
    gamma: (centred) => 1 + centred / 4,
    beta: (centred) => centred / 4,
    moving_mean: (centred) => centred / 4,
    moving_variance: (centred) => 1 + centred / 2,
  }
  const value = from[role] ?? (() => Number.NaN)
  return Float32Array.from(uniform(name, product(shape)), (number) => value(2 * number - 1))
}

function product(shape: Shape): number {
  return shape.reduce((total, size) => total * size, 1)
}
