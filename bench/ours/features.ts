/**
 * Features of images by a frozen backbone.
 *
 * usage   node bench/ours/features.ts NETWORK BATCH BATCHES
 */

import { graphUpTo, layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import { inferenceOperations } from '../arithmetic.ts'
import { serveRounds } from '../rounds.ts'
import { countedLayers, IMAGE_SIZE, openNetwork, randomImages } from './networks.ts'

const [name = '', batchSize = '', batches = ''] = process.argv.slice(2)

const { network } = await openNetwork(name)
const { values, labels } = randomImages(Number(batchSize))
const operations = inferenceOperations(countedLayers(network)) * Number(batchSize) * Number(batches)
const frozen = { graph: graphUpTo(layerGraphOf(network.model), network.features), weights: weightsOf(network.model) }
const inference = openInference(frozen, { inputShape: [IMAGE_SIZE, IMAGE_SIZE, 3], engine: 'compiled' })
network.model.dispose()

await serveRounds(async () => {
  for (let i = 0; i < Number(batches); i++) inference.run(values, labels.length)
  return { operations }
})
