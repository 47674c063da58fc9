import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DataError, messageOf } from '../core/errors.ts'
import { readSha256, sha256 } from '../core/files.ts'
import { checkpointsRoot, paths } from '../core/paths.ts'
import { numericsOf, readCode } from '../tensorflow/identity.ts'
import type { Configuration } from './params.ts'

/** Rooms of src/ whose code a training may run. */
const CODE = ['batches', 'config', 'core', 'images', 'models', 'network', 'scores', 'tensorflow', 'train']
/** Each index has the CRC of every image. */
const IMAGES = (['train', 'validation'] as const).map((part) => paths.packedIndex(part))

/**
 * Identifies a training by everything that its bytes depend on. A checkpoint is only continued under the same key.
 *
 * First what is trained: configuration, seed, image size, the packed images and the code; then, after a hyphen, what decides
 * the last bits: processor or GPU, versions of TensorFlow, threads, oneDNN. Not how often it saves, which changes nothing.
 *
 * @throws DataError when augment has not packed the images.
 */
export async function checkpointKey({ checkpoint, ...configuration }: Configuration): Promise<string> {
  const content = { configuration, images: await Promise.all(IMAGES.map(readDigest)), code: await readCode(CODE) }
  return [content, await numericsOf(configuration.train)].map((part) => sha256(JSON.stringify(part))).join('-')
}

/** The folder of a training's checkpoints: in `PADDOCK_CHECKPOINTS`, or the user's cache; DVC, which deletes outputs before a stage, leaves it alone. */
export function checkpointFolder(
  { name }: Pick<Configuration, 'name'>,
  key: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const [training = '', numerics = ''] = key.split('-')
  return join(checkpointsRoot(environment), `${name}-${training.slice(0, 16)}-${numerics.slice(0, 8)}`)
}

/** Folders of the same training with another processor, GPU, version or number of threads, which differ in their last bits. */
export async function incompatibleCheckpointFolders(folder: string): Promise<string[]> {
  const [, start] = /^(.+-)[0-9a-f]{8}$/.exec(basename(folder)) ?? []
  const names = await readdir(dirname(folder)).catch(() => [])
  const others = names.filter((name) => start !== undefined && name.startsWith(start) && name !== basename(folder))
  return others.map((name) => join(dirname(folder), name))
}

async function readDigest(path: string): Promise<string> {
  try {
    return await readSha256(path)
  } catch (error) {
    const remedy = `Run \`npm run repro\`: its stage augment writes them.`
    throw new DataError(`Expected packed images at ${path}, received: ${messageOf(error)}. ${remedy}`)
  }
}
