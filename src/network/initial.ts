import { type Rng, seededRng } from '../core/random.ts'
import { tf } from '../tensorflow/raw.ts'

/** Options of Keras's VarianceScaling; `normal` is truncated at 2 sigma. */
export interface Spread {
  readonly scale: number
  readonly mode: 'fanIn' | 'fanOut' | 'fanAvg'
  readonly distribution: 'uniform' | 'normal'
}

export type Initializer = ReturnType<typeof tf.initializers.varianceScaling>

/** Standard deviation of the standard normal distribution truncated at 2. */
const TRUNCATED_SIGMA = 0.8796256610342398

/** Keras's default for kernels, for the layer `name`. */
export function glorotUniform(seed: number, name: string): Initializer {
  return varianceScaling({ scale: 1, mode: 'fanAvg', distribution: 'uniform' }, seed, name)
}

/**
 * A stock initializer whose values come from our own generator: the same on every machine, others for each layer `name`.
 *
 * A saved model names the stock class, so that any TensorFlow.js can load it.
 */
export function varianceScaling(spread: Spread, seed: number, name: string): Initializer {
  const initializer = tf.initializers.varianceScaling({ ...spread })
  initializer.apply = (shape) => {
    const sizes = shape.map(Number)
    return tf.tensor(initialValues(sizes, spread, seededRng(seed, 'initial', name)), sizes, 'float32')
  }
  return initializer
}

/**
 * Values of a kernel `[…, in, out]`, in row-major order.
 *
 * Source: keras/src/initializers/random_initializers.py, VarianceScaling. Stock TensorFlow.js does not correct the deviation
 * for the truncation.
 */
export function initialValues(shape: readonly number[], { scale, mode, distribution }: Spread, rng: Rng): Float32Array {
  const [inputs = 1, outputs = 1] = shape.slice(-2)
  const field = tf.util.sizeFromShape(shape.slice(0, -2))
  const [fanIn, fanOut] = [inputs * field, outputs * field]
  const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[mode]
  const variance = scale / Math.max(1, fan)
  const values = new Float32Array(tf.util.sizeFromShape([...shape]))
  if (distribution === 'normal') return fillNormal(values, Math.sqrt(variance) / TRUNCATED_SIGMA, rng)
  const limit = Math.sqrt(3 * variance)
  return values.map(() => limit * (2 * rng() - 1))
}

/** Marsaglia's polar method: two normal numbers from a point in the unit circle; those beyond 2 sigma are rejected. */
function fillNormal(values: Float32Array, sigma: number, rng: Rng): Float32Array {
  let count = 0
  while (count < values.length) {
    const x = 2 * rng() - 1
    const y = 2 * rng() - 1
    const square = x * x + y * y
    if (square >= 1 || square === 0) continue
    const factor = Math.sqrt((-2 * Math.log(square)) / square)
    for (const value of [x * factor, y * factor]) {
      if (Math.abs(value) <= 2 && count < values.length) values[count++] = value * sigma
    }
  }
  return values
}
