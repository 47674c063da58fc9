import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../core/errors.ts'

/** A user's credentials for Kaggle. */
export interface KaggleKey {
  readonly username: string
  readonly key: string
  /** Where it was found, for messages. */
  readonly place: string
}

const fileSchema = z.object({ username: z.string().min(1), key: z.string().min(1) })
const GET_ONE = 'Get one at https://www.kaggle.com/settings (API, Create New Token)'

/**
 * The key for Kaggle: KAGGLE_USERNAME and KAGGLE_KEY, else kaggle.json in KAGGLE_CONFIG_DIR or ~/.kaggle, as Kaggle's own
 * client finds it.
 *
 * @throws ConfigError when there is none, or half of one
 */
export async function readKaggleKey(environment: NodeJS.ProcessEnv = process.env): Promise<KaggleKey> {
  const { KAGGLE_USERNAME: username, KAGGLE_KEY: key } = environment
  if (username && key) return { username, key, place: 'KAGGLE_USERNAME and KAGGLE_KEY' }
  const [present, missing] = username ? ['KAGGLE_USERNAME', 'KAGGLE_KEY'] : ['KAGGLE_KEY', 'KAGGLE_USERNAME']
  if (username || key) {
    throw new ConfigError(
      `Expected ${missing} beside ${present}, received none. Set both, or neither to use kaggle.json.`,
    )
  }
  const folder = environment.KAGGLE_CONFIG_DIR || join(environment.HOME || homedir(), '.kaggle')
  return readKeyFile(join(folder, 'kaggle.json'))
}

async function readKeyFile(path: string): Promise<KaggleKey> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const received = error.code === 'ENOENT' ? 'neither' : `one that cannot be read (${error.code})`
    throw new ConfigError(
      `Expected a key for Kaggle in KAGGLE_USERNAME and KAGGLE_KEY or in ${path}, received ${received}. ${GET_ONE}, which gives you the file.`,
    )
  })
  try {
    return { ...fileSchema.parse(JSON.parse(text)), place: path }
  } catch (error) {
    throw new ConfigError(`Expected {"username": …, "key": …} in ${path}, received something else. ${GET_ONE}.`, {
      cause: error,
    })
  }
}
