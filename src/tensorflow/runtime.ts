/** TensorFlow, ready to be used: the only file that loads it. Types may be imported from the package itself. */
import './environment.ts'

export * as tf from '@tensorflow/tfjs-node-gpu'
