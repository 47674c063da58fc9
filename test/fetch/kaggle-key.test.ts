import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/core/errors.ts'
import { readKaggleKey } from '../../src/fetch/kaggle-key.ts'
import { writeTo } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const home = temporaryFolder()

const KEY = { username: 'user', key: '0123' }

const writeKey = (path: string) => writeTo(join(home.path, path), JSON.stringify(KEY))

describe('readKaggleKey', () => {
  it('prefers the environment to the file', async () => {
    await writeKey('.kaggle/kaggle.json')
    const key = await readKaggleKey({ HOME: home.path, KAGGLE_USERNAME: 'me', KAGGLE_KEY: 'abc' })
    expect(key).toEqual({ username: 'me', key: 'abc', place: 'KAGGLE_USERNAME and KAGGLE_KEY' })
  })

  it('reads kaggle.json at home, or in the folder of KAGGLE_CONFIG_DIR', async () => {
    await writeKey('.kaggle/kaggle.json')
    const place = join(home.path, '.kaggle/kaggle.json')
    expect(await readKaggleKey({ HOME: home.path })).toEqual({ ...KEY, place })
    await writeKey('elsewhere/kaggle.json')
    const moved = await readKaggleKey({ HOME: home.path, KAGGLE_CONFIG_DIR: join(home.path, 'elsewhere') })
    expect(moved).toEqual({ ...KEY, place: join(home.path, 'elsewhere/kaggle.json') })
  })

  it('names the places of a key, and where to get one', async () => {
    const failure = readKaggleKey({ HOME: home.path })
    await expect(failure).rejects.toThrow(ConfigError)
    await expect(failure).rejects.toThrow(
      `Expected a key for Kaggle in KAGGLE_USERNAME and KAGGLE_KEY or in ${home.path}/.kaggle/kaggle.json, received neither. Get one at https://www.kaggle.com/settings (API, Create New Token), which gives you the file.`,
    )
  })

  it('refuses half a key, and a file that holds none', async () => {
    await expect(readKaggleKey({ HOME: home.path, KAGGLE_USERNAME: 'me' })).rejects.toThrow(
      'Expected KAGGLE_KEY beside KAGGLE_USERNAME, received none.',
    )
    await expect(readKaggleKey({ HOME: home.path, KAGGLE_KEY: 'abc' })).rejects.toThrow(
      'Expected KAGGLE_USERNAME beside',
    )
    await writeTo(join(home.path, '.kaggle/kaggle.json'), '{"username": "me"}')
    await expect(readKaggleKey({ HOME: home.path })).rejects.toThrow(
      `Expected {"username": …, "key": …} in ${home.path}/.kaggle/kaggle.json, received something else.`,
    )
  })
})
