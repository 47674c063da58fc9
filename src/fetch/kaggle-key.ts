import { readFile, stat } from 'node:fs/promises'
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
  /** Set where other users of the machine can read the key. */
  readonly warning: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

const fileSchema = z.object({ username: z.string().min(1), key: z.string().min(1) })
const OPEN_TO_OTHERS = 0o077
const GET_ONE = 'Get one at https://www.kaggle.com/settings (API, Create New Token)'

/**
 * The key for Kaggle: KAGGLE_USERNAME and KAGGLE_KEY, else kaggle.json in KAGGLE_CONFIG_DIR or ~/.kaggle, as Kaggle's own
 * client finds it.
 *
 * @throws ConfigError when there is none, or half of one
 */
export async function readKaggleKey(environment: Environment = process.env): Promise<KaggleKey> {
  const { KAGGLE_USERNAME: username, KAGGLE_KEY: key } = environment
  if (username && key) return { username, key, place: 'KAGGLE_USERNAME and KAGGLE_KEY', warning: undefined }
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
  const mode = (await stat(path)).mode & 0o777
  const warning =
    (mode & OPEN_TO_OTHERS) === 0
      ? undefined
      : `${path} has mode ${mode.toString(8)}, so that other users of this machine can read your key; \`chmod 600 ${path}\` protects it`
  return { ...parseKey(text, path), place: path, warning }
}

function parseKey(text: string, path: string): Pick<KaggleKey, 'username' | 'key'> {
  try {
    return fileSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new ConfigError(`Expected {"username": …, "key": …} in ${path}, received something else. ${GET_ONE}.`, {
      cause: error,
    })
  }
}
