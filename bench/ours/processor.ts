/**
 * Products of square matrices: what the processor can do at best.
 *
 * usage   node bench/ours/processor.ts SIZE PRODUCTS
 */
import { tf } from '../../src/tensorflow/raw.ts'
import { serveRounds } from '../rounds.ts'

const [size = 0, products = 0] = process.argv.slice(2).map(Number)

const a = tf.randomUniform<tf.Rank.R2>([size, size], -1, 1, 'float32', 1)
const b = tf.randomUniform<tf.Rank.R2>([size, size], -1, 1, 'float32', 2)

await serveRounds(async () => {
  for (let i = 0; i < products; i++) {
    const product = tf.matMul(a, b)
    product.slice([0, 0], [1, 1]).dataSync()
    tf.dispose(product)
  }
  return { operations: 2 * size ** 3 * products }
})
