/**
 * Asks TensorFlow for four terabytes of ones, and prints the error.
 *
 * usage   node test/tensorflow/out-of-memory.ts <JSON of what withinMemory says of the batch>
 */
import '../../src/tensorflow/environment.ts'

process.env.TF_ENABLE_ONEDNN_OPTS = '0' // oneDNN's allocator would try for ten seconds
const { withinMemory } = await import('../../src/tensorflow/batch.ts')
const { compile } = await import('../../src/tensorflow/compile.ts')
const { attribute, DTYPE, FLOAT, ints, runOp, tf } = await import('../../src/tensorflow/raw.ts')

const batch = JSON.parse(process.argv[2] ?? '') as Parameters<typeof withinMemory>[1]
const compiled = compile([{ shape: [], dtype: DTYPE.float32 }], ([one = tf.scalar(1)]) => [
  runOp('Fill', [FLOAT, attribute.type('index_type', DTYPE.int32)], [ints([2 ** 20, 2 ** 20]), one]),
])
try {
  tf.tidy(() => withinMemory(() => compiled.run([tf.scalar(1)]), batch))
} catch (error) {
  console.log(String(error))
}
