/**
 * Asks TensorFlow for four terabytes of ones, and prints the error.
 *
 * usage   node test/tensorflow/out-of-memory.ts <JSON of what withinMemory says of the batch>
 */
import { withinMemory } from '../../src/tensorflow/batch.ts'
import { compile } from '../../src/tensorflow/compile.ts'
import { attribute, DTYPE, FLOAT, ints, runOp, tf } from '../../src/tensorflow/raw.ts'

const batch = JSON.parse(process.argv[2] ?? '') as Parameters<typeof withinMemory>[1]
const compiled = compile([{ shape: [], dtype: DTYPE.float32 }], ([one]) => [
  runOp('Fill', [FLOAT, attribute.type('index_type', DTYPE.int32)], [ints([2 ** 20, 2 ** 20]), one as tf.Tensor]),
])
try {
  tf.tidy(() => withinMemory(() => compiled.run([tf.scalar(1)]), batch))
} catch (error) {
  console.log(String(error))
}
