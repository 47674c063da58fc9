import { join } from 'node:path'
import { DataError, messageOf } from '../core/errors.ts'
import { readSha256, sha256 } from '../core/files.ts'
import { checkpointsRoot, paths } from '../core/paths.ts'
import { numericsOf, readCode } from '../tensorflow/identity.ts'
import type { Configuration } from './params.ts'

/** Rooms of src/ whose code a training may run. */
const CODE = ['batches', 'config', 'core', 'images', 'models', 'network', 'scores', 'tensorflow', 'train']
const IMAGES = (['train', 'validation'] as const).flatMap((part) => [paths.packed(part), paths.packedIndex(part)])

/**
 * Identifies a training by everything its bytes depend on. A checkpoint is only continued under the same key.
 *
 * Configuration, seed, image size, the packed images, the code, the versions of TensorFlow, the device, and the settings
 * that change the last bits (threads, oneDNN). Not how often it saves, which changes nothing.
 *
 * @throws DataError when augment has not packed the images.
 */
export async function checkpointKey({ checkpoint, ...configuration }: Configuration): Promise<string> {
  const content = {
    configuration,
    images: await Promise.all(IMAGES.map(readDigest)),
    code: await readCode(CODE),
    numerics: numericsOf(configuration.train),
  }
  return sha256(JSON.stringify(content))
}

/** The folder of a training's checkpoints: in `PADDOCK_CHECKPOINTS`, or the user's cache; DVC, which deletes outputs before a stage, leaves it alone. */
export function checkpointFolder(
  { name }: Pick<Configuration, 'name'>,
  key: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return join(checkpointsRoot(environment), `${name}-${key.slice(0, 16)}`)
}

async function readDigest(path: string): Promise<string> {
  try {
    return await readSha256(path)
  } catch (error) {
    const remedy = `Run \`npm run repro\`: its stage augment writes them.`
    throw new DataError(`Expected packed images at ${path}, received: ${messageOf(error)}. ${remedy}`)
  }
}
