import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Configuration } from '../config/load.ts'
import type { Params } from '../config/schema.ts'
import { readSha256, sha256 } from '../core/files.ts'
import { cacheFolder, paths } from '../core/paths.ts'
import { nodeBackend } from '../tensorflow/raw.ts'
import { tf } from '../tensorflow/runtime.ts'

/** Folders of src/ whose code a training may run. */
const CODE = ['config', 'core', 'dataset', 'evaluation', 'models', 'tensorflow', 'training']
const PICTURES = ['train', 'validation'].flatMap((part) => [
  join(paths.augment, `${part}.npy`),
  join(paths.augment, `${part}.csv`),
])
const ENVIRONMENT = [
  'TF_NUM_INTRAOP_THREADS',
  'TF_NUM_INTEROP_THREADS',
  'TF_ENABLE_ONEDNN_OPTS',
  'TF_DETERMINISTIC_OPS',
]

/**
 * What identifies a run: everything its bytes depend on. A checkpoint is only continued under the same key.
 *
 * Configuration, seed, picture size, the packed pictures, the code, the versions of TensorFlow, the device, and the settings
 * that change the last bits (threads, oneDNN). Not the number of epochs between checkpoints, which changes nothing.
 */
export async function checkpointKey({ name, entry, train }: Configuration, { seed, image }: Params): Promise<string> {
  const { binding, isUsingGpuDevice } = nodeBackend()
  const content = {
    name,
    entry,
    train,
    seed,
    image,
    pictures: await Promise.all(PICTURES.map(readSha256)),
    code: await readCode(),
    versions: [binding.TF_Version, tf.version['tfjs-core']],
    gpu: isUsingGpuDevice,
    environment: ENVIRONMENT.map((variable) => process.env[variable] ?? ''),
  }
  return sha256(JSON.stringify(content))
}

/** The folder of a run's checkpoints: `PADDOCK_CHECKPOINTS`, else in the user's cache; outside what DVC deletes before a stage. */
export function checkpointFolder(
  { name }: Pick<Configuration, 'name'>,
  key: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const root = environment.PADDOCK_CHECKPOINTS || join(cacheFolder(environment), 'checkpoints')
  return join(root, `${name}-${key.slice(0, 16)}`)
}

async function readCode(): Promise<string> {
  const source = fileURLToPath(new URL('..', import.meta.url))
  const folders = await Promise.all(CODE.map((folder) => readdir(join(source, folder), { recursive: true })))
  const files = folders.flatMap((names, i) =>
    names.filter((file) => file.endsWith('.ts')).map((file) => join(CODE[i] ?? '', file)),
  )
  const texts = await Promise.all(
    files.sort().map(async (file) => `${file}\n${await readFile(join(source, file), 'utf8')}`),
  )
  return sha256(texts.join('\n'))
}
