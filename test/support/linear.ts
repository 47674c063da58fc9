import { setImmediate } from 'node:timers/promises'

/** Images as rows of numbers, with the number of each one's class. */
export interface Examples {
  readonly features: readonly Float32Array[]
  readonly labels: readonly number[]
}

/** Numbers row after row. */
interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly values: Float64Array
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
  const [trainRows, heldRows] = centred(train.features, held.features)
  const gram = await products(trainRows, trainRows)
  const cross = await products(heldRows, trainRows)
  const targets = oneHot(train.labels)
  const score = (weights: Matrix) => accuracy(multiplied(cross, weights), held.labels)
  let ridge = 0
  for (const penalty of RIDGES) {
    ridge = Math.max(ridge, score(ridgeWeights(gram, targets, penalty)))
    await setImmediate()
  }
  return { ridge, logistic: await bestLogistic(gram, targets, score) }
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

/** Less the training mean, and a constant 1 at the end for the bias. */
function centred(train: readonly Float32Array[], held: readonly Float32Array[]): [Float32Array[], Float32Array[]] {
  const width = train[0]?.length ?? 0
  const mean = new Float32Array(width)
  for (const row of train) {
    for (let i = 0; i < width; i++) mean[i] = (mean[i] as number) + (row[i] as number) / train.length
  }
  const shifted = (row: Float32Array) => {
    const result = new Float32Array(width + 1).fill(1)
    for (let i = 0; i < width; i++) result[i] = (row[i] as number) - (mean[i] as number)
    return result
  }
  return [train.map(shifted), held.map(shifted)]
}

async function products(rows: readonly Float32Array[], columns: readonly Float32Array[]): Promise<Matrix> {
  const result = zeros(rows.length, columns.length)
  for (const [i, row] of rows.entries()) {
    for (const [j, column] of columns.entries()) result.values[i * columns.length + j] = product(row, column)
    if (i % 50 === 0) await setImmediate()
  }
  return result
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

/** Solves (gram + penalty x mean diagonal) weights = targets by Cholesky's decomposition. */
function ridgeWeights({ rows: n, values: gram }: Matrix, targets: Matrix, penalty: number): Matrix {
  const lower = gram.slice()
  const entry = (i: number, j: number) => lower[i * n + j] as number
  let trace = 0
  for (let i = 0; i < n; i++) trace += entry(i, i)
  for (let i = 0; i < n; i++) {
    lower[i * n + i] = entry(i, i) + (penalty * trace) / n
    for (let j = 0; j <= i; j++) {
      let sum = entry(i, j)
      for (let k = 0; k < j; k++) sum -= (lower[i * n + k] as number) * (lower[j * n + k] as number)
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / entry(j, j)
    }
  }
  const weights = { ...targets, values: targets.values.slice() }
  const { columns, values } = weights
  for (let column = 0; column < columns; column++) {
    const solve = (i: number, from: number, to: number, factor: (j: number) => number) => {
      let sum = values[i * columns + column] as number
      for (let j = from; j < to; j++) sum -= factor(j) * (values[j * columns + column] as number)
      values[i * columns + column] = sum / entry(i, i)
    }
    for (let i = 0; i < n; i++) solve(i, 0, i, (j) => entry(i, j))
    for (let i = n - 1; i >= 0; i--) solve(i, i + 1, n, (j) => entry(j, i))
  }
  return weights
}

/** Nesterov's accelerated gradient descent with the step 1 / L of softmax regression. */
async function bestLogistic(gram: Matrix, targets: Matrix, score: (weights: Matrix) => number): Promise<number> {
  const rate = 2 / largestRowSum(gram)
  let before = zeros(targets.rows, targets.columns)
  let ahead = before
  let best = 0
  for (let step = 1; step <= STEPS; step++) {
    const probabilities = softmax(multiplied(gram, ahead)).values
    const moved = ahead.values.map(
      (weight, i) => weight - rate * ((probabilities[i] as number) - (targets.values[i] as number)),
    )
    const momentum = (step - 1) / (step + 2)
    ahead = {
      ...targets,
      values: moved.map((weight, i) => weight + momentum * (weight - (before.values[i] as number))),
    }
    before = { ...targets, values: moved }
    if (step % CHECK_EVERY > 0) continue
    best = Math.max(best, score(before))
    await setImmediate()
  }
  return best
}

/** At least the largest eigenvalue, by Gershgorin's theorem. */
function largestRowSum({ rows, columns, values }: Matrix): number {
  let largest = 0
  for (let i = 0; i < rows; i++) {
    const row = values.subarray(i * columns, (i + 1) * columns)
    largest = Math.max(
      largest,
      row.reduce((sum, value) => sum + Math.abs(value), 0),
    )
  }
  return largest
}

function multiplied(left: Matrix, right: Matrix): Matrix {
  const result = zeros(left.rows, right.columns)
  for (let i = 0; i < left.rows; i++) {
    for (let column = 0; column < right.columns; column++) {
      let sum = 0
      for (let j = 0; j < left.columns; j++) {
        sum += (left.values[i * left.columns + j] as number) * (right.values[j * right.columns + column] as number)
      }
      result.values[i * right.columns + column] = sum
    }
  }
  return result
}

function softmax(scores: Matrix): Matrix {
  const values = new Float64Array(scores.values.length)
  for (let start = 0; start < values.length; start += scores.columns) {
    const row = scores.values.subarray(start, start + scores.columns)
    const top = Math.max(...row)
    const powers = row.map((score) => Math.exp(score - top))
    const sum = powers.reduce((total, power) => total + power, 0)
    for (const [k, power] of powers.entries()) values[start + k] = power / sum
  }
  return { ...scores, values }
}

function accuracy({ columns, values }: Matrix, labels: readonly number[]): number {
  const right = labels.filter((label, i) => {
    const row = values.subarray(i * columns, (i + 1) * columns)
    return row.indexOf(Math.max(...row)) === label
  })
  return right.length / labels.length
}

function oneHot(labels: readonly number[]): Matrix {
  const result = zeros(labels.length, Math.max(...labels) + 1)
  for (const [i, label] of labels.entries()) result.values[i * result.columns + label] = 1
  return result
}

function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, values: new Float64Array(rows * columns) }
}
