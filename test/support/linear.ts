/** Pictures as rows of numbers, with the number of each one's class. */
export interface Examples {
  readonly features: readonly Float32Array[]
  readonly labels: readonly number[]
}

const RIDGES = [1e-4, 1e-3, 1e-2, 0.1, 1]
const STEPS = 400
const CHECK_EVERY = 20

/**
 * The best accuracy on `held` that a linear model of the features reaches, in [0, 1].
 *
 * Ridge regression on one-hot labels under five penalties, and multinomial logistic regression by accelerated gradient
 * descent, looked at every twenty steps. The best of all on `held` itself is kept, which flatters the linear model. Both
 * work on the scalar products of the pictures: the weights of a linear model trained so are a sum of the training pictures.
 */
export function linearAccuracy(train: Examples, held: Examples): { ridge: number; logistic: number } {
  const classCount = Math.max(...train.labels) + 1
  const [centredTrain, centredHeld] = centred(train.features, held.features)
  const gram = products(centredTrain, centredTrain)
  const cross = products(centredHeld, centredTrain)
  const targets = train.labels.map((label) => Float64Array.from({ length: classCount }, (_, k) => Number(k === label)))
  const scored = (weights: readonly Float64Array[]) => accuracy(logits(cross, weights, classCount), held.labels)
  const ridge = RIDGES.map((penalty) => scored(ridgeWeights(gram, targets, penalty)))
  return { ridge: Math.max(...ridge), logistic: bestLogistic(gram, targets, scored) }
}

/** The mean over blocks of `factor` x `factor` pixels of a picture `[S, S, 3]`, in [0, 1]. */
export function shrunk(pixels: Uint8Array, size: number, factor: number): Float32Array {
  const side = size / factor
  const result = new Float32Array(side * side * 3)
  pixels.forEach((value, index) => {
    const channel = index % 3
    const x = Math.floor(((index - channel) / 3) % size)
    const y = Math.floor((index - channel) / 3 / size)
    const at = (Math.floor(y / factor) * side + Math.floor(x / factor)) * 3 + channel
    result[at] = (result[at] as number) + value / (255 * factor * factor)
  })
  return result
}

/** Less the training mean, and a constant 1 at the end for the bias. */
function centred(train: readonly Float32Array[], held: readonly Float32Array[]): [Float32Array[], Float32Array[]] {
  const width = train[0]?.length ?? 0
  const mean = new Float32Array(width)
  for (const row of train) for (let i = 0; i < width; i++) mean[i] = at(mean, i) + at(row, i) / train.length
  const shifted = (row: Float32Array) =>
    Float32Array.from({ length: width + 1 }, (_, i) => (i < width ? at(row, i) - at(mean, i) : 1))
  return [train.map(shifted), held.map(shifted)]
}

function products(rows: readonly Float32Array[], columns: readonly Float32Array[]): Float64Array[] {
  return rows.map((row) => Float64Array.from(columns, (column) => product(row, column)))
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

/** Solves (gram + penalty x mean diagonal) weights = targets by Cholesky's decomposition. */
function ridgeWeights(
  gram: readonly Float64Array[],
  targets: readonly Float64Array[],
  penalty: number,
): Float64Array[] {
  const n = gram.length
  const extra = (penalty * gram.reduce((sum, row, i) => sum + at(row, i), 0)) / n
  const lower = gram.map((row) => Float64Array.from(row))
  for (let i = 0; i < n; i++) {
    const row = lower[i] as Float64Array
    row[i] = at(row, i) + extra
    for (let j = 0; j <= i; j++) {
      const other = lower[j] as Float64Array
      let sum = at(row, j)
      for (let k = 0; k < j; k++) sum -= at(row, k) * at(other, k)
      row[j] = i === j ? Math.sqrt(sum) : sum / at(other, j)
    }
  }
  const weights = targets.map((target) => Float64Array.from(target))
  for (let i = 0; i < n; i++)
    eliminate(weights, i, lower[i] as Float64Array, (j) => at(lower[i] as Float64Array, j), 0, i)
  for (let i = n - 1; i >= 0; i--)
    eliminate(weights, i, lower[i] as Float64Array, (j) => at(lower[j] as Float64Array, i), i + 1, n)
  return weights
}

/** weights[i] = (weights[i] - sum over j of factor(j) weights[j]) / diagonal. */
function eliminate(
  weights: readonly Float64Array[],
  i: number,
  row: Float64Array,
  factor: (j: number) => number,
  from: number,
  to: number,
): void {
  const target = weights[i] as Float64Array
  for (let j = from; j < to; j++) {
    const by = factor(j)
    const other = weights[j] as Float64Array
    for (let k = 0; k < target.length; k++) target[k] = at(target, k) - by * at(other, k)
  }
  for (let k = 0; k < target.length; k++) target[k] = at(target, k) / at(row, i)
}

/** Nesterov's accelerated gradient descent with the step 1 / L of softmax regression. */
function bestLogistic(
  gram: readonly Float64Array[],
  targets: readonly Float64Array[],
  score: (weights: readonly Float64Array[]) => number,
): number {
  const classCount = targets[0]?.length ?? 0
  const rate = 2 / Math.max(...gram.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0)))
  let before = targets.map(() => new Float64Array(classCount))
  let ahead = before
  let best = 0
  for (let step = 1; step <= STEPS; step++) {
    const scores = logits(gram, ahead, classCount)
    const next = ahead.map((row, i) => {
      const wrong = softmax(scores[i] as Float64Array).map(
        (probability, k) => probability - at(targets[i] as Float64Array, k),
      )
      return row.map((weight, k) => weight - rate * at(wrong, k))
    })
    const momentum = (step - 1) / (step + 2)
    ahead = next.map((row, i) =>
      row.map((weight, k) => weight + momentum * (weight - at(before[i] as Float64Array, k))),
    )
    before = next
    if (step % CHECK_EVERY === 0) best = Math.max(best, score(next))
  }
  return best
}

function logits(gram: readonly Float64Array[], weights: readonly Float64Array[], classCount: number): Float64Array[] {
  return gram.map((row) => {
    const sums = new Float64Array(classCount)
    weights.forEach((weight, j) => {
      for (let k = 0; k < classCount; k++) sums[k] = at(sums, k) + at(row, j) * at(weight, k)
    })
    return sums
  })
}

function softmax(scores: Float64Array): Float64Array {
  const top = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - top))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

function accuracy(scores: readonly Float64Array[], labels: readonly number[]): number {
  const right = scores.filter((row, i) => row.indexOf(Math.max(...row)) === labels[i])
  return right.length / labels.length
}

function at(row: Float32Array | Float64Array, index: number): number {
  return row[index] as number
}
