import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/core/errors.ts'
import { readKaggleKey } from '../../src/fetch/kaggle-key.ts'
import { writeTo } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const home = temporaryFolder()

const KEY = { username: 'user', key: '0123' }

const writeKey = (path: string) => writeTo(join(home.path, path), JSON.stringify(KEY))

const BASIC = { user: 'Basic dXNlcjowMTIz', me: 'Basic bWU6YWJj' } // user:0123, me:abc

describe('readKaggleKey', () => {
  it('prefers the environment to the file', async () => {
    await writeKey('.kaggle/kaggle.json')
    const key = await readKaggleKey({ HOME: home.path, KAGGLE_USERNAME: 'me', KAGGLE_KEY: 'abc' })
    expect(key).toEqual({ authorization: BASIC.me, place: 'KAGGLE_USERNAME and KAGGLE_KEY' })
  })

  it('reads kaggle.json at home, or in the folder of KAGGLE_CONFIG_DIR', async () => {
    await writeKey('.kaggle/kaggle.json')
    const place = join(home.path, '.kaggle/kaggle.json')
    expect(await readKaggleKey({ HOME: home.path })).toEqual({ authorization: BASIC.user, place })
    await writeKey('elsewhere/kaggle.json')
    const moved = await readKaggleKey({ HOME: home.path, KAGGLE_CONFIG_DIR: join(home.path, 'elsewhere') })
    expect(moved).toEqual({ authorization: BASIC.user, place: join(home.path, 'elsewhere/kaggle.json') })
  })

  it('prefers a token to a key: KAGGLE_API_TOKEN or a file that it names, then access_token', async () => {
    await writeKey('.kaggle/kaggle.json')
    const old = { HOME: home.path, KAGGLE_USERNAME: 'me', KAGGLE_KEY: 'abc' }
    const file = join(home.path, '.kaggle/access_token')
    await writeTo(file, 'KGAT_1\n')
    expect(await readKaggleKey(old)).toEqual({ authorization: 'Bearer KGAT_1', place: file })
    const place = 'KAGGLE_API_TOKEN'
    expect(await readKaggleKey({ ...old, [place]: 'KGAT_2' })).toEqual({ authorization: 'Bearer KGAT_2', place })
    expect(await readKaggleKey({ ...old, [place]: file })).toEqual({ authorization: 'Bearer KGAT_1', place })
    await expect(readKaggleKey({ [place]: '{"username": "me"}' })).rejects.toThrow('Expected a token for Kaggle in')
  })

  it('names the places of a token and of a key, and where to get one', async () => {
    const failure = readKaggleKey({ HOME: home.path })
    await expect(failure).rejects.toThrow(ConfigError)
    await expect(failure).rejects.toThrow(
      `Expected a token for Kaggle in KAGGLE_API_TOKEN or in ${home.path}/.kaggle/access_token, or a key in KAGGLE_USERNAME and KAGGLE_KEY or in ${home.path}/.kaggle/kaggle.json, received none. Get one at https://www.kaggle.com/settings (API).`,
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
