import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError, messageOf } from '../core/errors.ts'
import { exists } from '../core/files.ts'

/** A user's credentials for Kaggle. */
export interface KaggleKey {
  /** The header `authorization` of a request. */
  readonly authorization: string
  /** Where it was found, for messages. */
  readonly place: string
}

const fileSchema = z.object({ username: z.string().min(1), key: z.string().min(1) })
const GET_ONE = 'Get one at https://www.kaggle.com/settings (API)'

/** What holds a token in the folder of Kaggle's client; an editor on Windows may have added the ending. */
const TOKEN_FILES = ['access_token', 'access_token.txt']

/**
 * The credentials for Kaggle, in the order of Kaggle's own client: a token in KAGGLE_API_TOKEN, which may also name a file with
 * one, or in access_token; else a key in KAGGLE_USERNAME and KAGGLE_KEY, or in kaggle.json. The files are in KAGGLE_CONFIG_DIR
 * or ~/.kaggle.
 *
 * Source: get_access_token_from_env of https://pypi.org/project/kagglesdk
 *
 * @throws ConfigError when there are none, or half of a key
 */
export async function readKaggleKey(environment: NodeJS.ProcessEnv = process.env): Promise<KaggleKey> {
  const folder = environment.KAGGLE_CONFIG_DIR || join(environment.HOME || homedir(), '.kaggle')
  const { KAGGLE_API_TOKEN: token, KAGGLE_USERNAME: username, KAGGLE_KEY: key } = environment
  if (token) return bearer((await exists(token)) ? await readCredentials(token) : token, 'KAGGLE_API_TOKEN')
  for (const path of TOKEN_FILES.map((name) => join(folder, name))) {
    if (await exists(path)) return bearer(await readCredentials(path), path)
  }
  if (username && key) return basic({ username, key }, 'KAGGLE_USERNAME and KAGGLE_KEY')
  const [present, missing] = username ? ['KAGGLE_USERNAME', 'KAGGLE_KEY'] : ['KAGGLE_KEY', 'KAGGLE_USERNAME']
  if (username || key) {
    throw new ConfigError(
      `Expected ${missing} beside ${present}, received none. Set both, or neither to use kaggle.json.`,
    )
  }
  const path = join(folder, 'kaggle.json')
  if (await exists(path)) return basic(parseKey(await readCredentials(path), path), path)
  throw new ConfigError(
    `Expected a token for Kaggle in KAGGLE_API_TOKEN or in ${join(folder, 'access_token')}, or a key in KAGGLE_USERNAME and KAGGLE_KEY or in ${path}, received none. ${GET_ONE}.`,
  )
}

function bearer(token: string, place: string): KaggleKey {
  if (/^[!-~]+$/.test(token.trim())) return { authorization: `Bearer ${token.trim()}`, place }
  throw new ConfigError(`Expected a token for Kaggle in ${place}, received something else. ${GET_ONE}.`)
}

function basic({ username, key }: z.infer<typeof fileSchema>, place: string): KaggleKey {
  return { authorization: `Basic ${Buffer.from(`${username}:${key}`).toString('base64')}`, place }
}

async function readCredentials(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new ConfigError(`Expected credentials for Kaggle in ${path}, received ${messageOf(error)}. ${GET_ONE}.`)
  })
}

function parseKey(text: string, path: string): z.infer<typeof fileSchema> {
  try {
    return fileSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new ConfigError(`Expected {"username": …, "key": …} in ${path}, received something else. ${GET_ONE}.`, {
      cause: error,
    })
  }
}
