/**
 * Training steps of a network: forward, loss, gradients, Adam, running statistics.
 *
 * usage   node bench/ours/training.ts NETWORK BATCH STEPS
 */
import { layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { openSession } from '../../src/train/session.ts'
import { trainingOperations } from '../arithmetic.ts'
import { serveRounds } from '../rounds.ts'
import { CLASS_COUNT, countedLayers, IMAGE_SIZE, openNetwork, randomImages } from './networks.ts'

const [name = '', batchSize = '', steps = ''] = process.argv.slice(2)

const { network, train } = await openNetwork(name)
const batch = randomImages(Number(batchSize))
const operations = trainingOperations(countedLayers(network)) * Number(batchSize) * Number(steps)
const examples = {
  count: batch.labels.length,
  variants: 1,
  inputShape: [IMAGE_SIZE, IMAGE_SIZE, 3],
  labels: batch.labels,
  ids: [...batch.labels].map(String),
  read: async () => batch.values,
  digest: async () => '',
  close: async () => {},
}
const session = openSession({
  graph: layerGraphOf(network.model),
  weights: weightsOf(network.model),
  training: examples,
  validation: examples,
  classes: Array.from({ length: CLASS_COUNT }, (_, place) => String(place)),
  params: { ...train, batchSize: Number(batchSize) },
  seed: 1,
})
network.model.dispose()

let step = 0
await serveRounds(async () => {
  const losses: tf.Tensor[] = []
  for (let i = 0; i < Number(steps); i++) {
    step++
    losses.push(session.step.take(batch, step, session.optimizer.numbers(step, train.learningRate)))
  }
  for (const loss of losses) loss.dataSync()
  tf.dispose(losses)
  return { operations }
})
