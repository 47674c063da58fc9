import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256 } from '../core/files.ts'
import { type Numerics, prepareNumerics } from './environment.ts'
import { describeGpu } from './gpu.ts'
import { processorFingerprint } from './processor-fingerprint.ts'
import { nodeBackend, tf } from './raw.ts'

const SETTINGS = [
  'TF_NUM_INTRAOP_THREADS',
  'TF_NUM_INTEROP_THREADS',
  'TF_ENABLE_ONEDNN_OPTS',
  'TF_DETERMINISTIC_OPS',
] as const

/**
 * Everything beside inputs and code that the last bits of TensorFlow's results depend on: versions, threads, oneDNN, and the
 * processor, which is known by its bits, or the GPU and its driver.
 */
export async function numericsOf(numerics: Numerics) {
  const { binding, isUsingGpuDevice } = nodeBackend()
  const environment: Record<string, string | undefined> = { ...process.env }
  prepareNumerics(numerics, environment)
  return {
    versions: [binding.TF_Version, tf.version['tfjs-core']],
    device: isUsingGpuDevice ? await describeGpu() : processorFingerprint(),
    environment: SETTINGS.map((name) => environment[name] ?? ''),
  }
}

/** SHA-256 of the TypeScript files in some rooms of src/, by path and content. */
export async function readCode(rooms: readonly string[]): Promise<string> {
  const source = fileURLToPath(new URL('..', import.meta.url))
  const names = await Promise.all(rooms.map((room) => readdir(join(source, room), { recursive: true })))
  const files = names.flatMap((list, i) => list.map((name) => join(rooms[i] ?? '', name)))
  const texts = files
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map(async (file) => `${file}\n${await readFile(join(source, file), 'utf8')}`)
  return sha256((await Promise.all(texts)).join('\n'))
}
