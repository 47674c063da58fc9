import { setImmediate } from 'node:timers/promises'
import { tf } from '../../src/tensorflow/raw.ts'

/** Images as rows of numbers, with the number of each one's class. */
export interface Examples {
  readonly features: readonly Float32Array[]
  readonly labels: readonly number[]
}

const RIDGES = [1e-4, 1e-3, 1e-2, 0.1, 1]
const STEPS = 400
const CHECK_EVERY = 20

/**
 * The best accuracy on `held` that linear models of the features reach, in [0, 1].
 *
 * Ridge regression on one-hot labels under five penalties, and multinomial logistic regression by accelerated gradient
 * descent, looked at every twenty steps. The best of all on `held` itself is kept, which flatters the linear model. Both
 * work on the scalar products of the images: the weights of a linear model trained so are a sum of the training images.
 * Lets the test runner speak between its parts, which take a second each.
 */
export async function linearAccuracy(train: Examples, held: Examples): Promise<{ ridge: number; logistic: number }> {
  tf.engine().startScope()
  const [rows, heldRows] = centred(train.features, held.features)
  const gram = rows.matMul(rows, false, true) as tf.Tensor2D
  const cross = heldRows.matMul(rows, false, true) as tf.Tensor2D
  const targets = tf.oneHot(tf.tensor1d([...train.labels], 'int32'), Math.max(...train.labels) + 1)
  const labels = tf.tensor1d([...held.labels], 'int32')
  const score = (weights: tf.Tensor) => cross.matMul(weights).argMax(1).equal(labels).mean().dataSync()[0] ?? Number.NaN
  let ridge = 0
  for (const penalty of RIDGES) {
    ridge = Math.max(ridge, score(ridgeWeights(gram, targets, penalty)))
    await setImmediate()
  }
  const logistic = bestLogistic(gram, targets, score)
  tf.engine().endScope()
  return { ridge, logistic }
}

/** The mean over blocks of `factor` x `factor` pixels of an image `[S, S, 3]`, in [0, 1]. */
export function shrunk(pixels: Uint8Array, size: number, factor: number): Float32Array {
  const side = size / factor
  const result = new Float32Array(side * side * 3)
  for (let index = 0; index < pixels.length; index++) {
    const channel = index % 3
    const x = Math.floor(((index - channel) / 3) % size)
    const y = Math.floor((index - channel) / 3 / size)
    const target = (Math.floor(y / factor) * side + Math.floor(x / factor)) * 3 + channel
    result[target] = (result[target] as number) + (pixels[index] as number) / (255 * factor * factor)
  }
  return result
}

/** Less the training mean, and a constant 1 at the end for the bias: `[N, features + 1]` each. */
function centred(train: readonly Float32Array[], held: readonly Float32Array[]): [tf.Tensor2D, tf.Tensor2D] {
  const [trainRows, heldRows] = [train, held].map((rows) => tf.stack(rows.map((row) => tf.tensor1d(row))))
  const mean = trainRows?.mean(0) ?? 0
  const shifted = (rows = tf.zeros([0, 0])) =>
    tf.concat([rows.sub(mean), tf.ones([rows.shape[0] ?? 0, 1])], 1) as tf.Tensor2D
  return [shifted(trainRows), shifted(heldRows)]
}

/** Solves (gram + penalty x mean diagonal) weights = targets by Cholesky's decomposition, in doubles. */
function ridgeWeights(gram: tf.Tensor2D, targets: tf.Tensor, penalty: number): tf.Tensor {
  const [n = 0, columns = 0] = targets.shape
  const lower = Float64Array.from(gram.dataSync())
  const entry = (i: number, j: number) => lower[i * n + j] as number
  let trace = 0
  for (let i = 0; i < n; i++) trace += entry(i, i)
  for (let i = 0; i < n; i++) {
    lower[i * n + i] = entry(i, i) + (penalty * trace) / n
    for (let j = 0; j <= i; j++) {
      let sum = entry(i, j)
      for (let k = 0; k < j; k++) sum -= entry(i, k) * entry(j, k)
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / entry(j, j)
    }
  }
  const values = Float64Array.from(targets.dataSync())
  for (let column = 0; column < columns; column++) {
    const solve = (i: number, from: number, to: number, factor: (j: number) => number) => {
      let sum = values[i * columns + column] as number
      for (let j = from; j < to; j++) sum -= factor(j) * (values[j * columns + column] as number)
      values[i * columns + column] = sum / entry(i, i)
    }
    for (let i = 0; i < n; i++) solve(i, 0, i, (j) => entry(i, j))
    for (let i = n - 1; i >= 0; i--) solve(i, i + 1, n, (j) => entry(j, i))
  }
  return tf.tensor2d(Float32Array.from(values), [n, columns])
}

/** Nesterov's accelerated gradient descent with the step 1 / L of softmax regression, L by Gershgorin's theorem. */
function bestLogistic(gram: tf.Tensor2D, targets: tf.Tensor, score: (weights: tf.Tensor) => number): number {
  const rate = tf.div(2, gram.abs().sum(1).max())
  let before: tf.Tensor = tf.zeros(targets.shape)
  let ahead = before
  let best = 0
  for (let step = 1; step <= STEPS; step++) {
    const slope = gram.matMul(ahead).softmax().sub(targets)
    const moved = ahead.sub(slope.mul(rate))
    ahead = moved.add(moved.sub(before).mul((step - 1) / (step + 2)))
    before = moved
    if (step % CHECK_EVERY === 0) best = Math.max(best, score(before))
  }
  return best
}
