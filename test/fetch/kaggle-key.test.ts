import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/core/errors.ts'
import { readKaggleKey } from '../../src/fetch/kaggle-key.ts'
import { writeTo } from '../support/images.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'paddock-home-'))
})
afterEach(() => rm(home, { recursive: true }))

const KEY = { username: 'somebody', key: '0123' }

async function writeKey(path: string, mode: number): Promise<void> {
  await writeTo(join(home, path), JSON.stringify(KEY))
  await chmod(join(home, path), mode)
}

describe('readKaggleKey', () => {
  it('takes the environment before the file', async () => {
    await writeKey('.kaggle/kaggle.json', 0o600)
    const key = await readKaggleKey({ HOME: home, KAGGLE_USERNAME: 'me', KAGGLE_KEY: 'abc' })
    expect(key).toEqual({ username: 'me', key: 'abc', place: 'KAGGLE_USERNAME and KAGGLE_KEY', warning: undefined })
  })

  it('reads kaggle.json at home, or in the folder of KAGGLE_CONFIG_DIR', async () => {
    await writeKey('.kaggle/kaggle.json', 0o600)
    const place = join(home, '.kaggle/kaggle.json')
    expect(await readKaggleKey({ HOME: home })).toEqual({ ...KEY, place, warning: undefined })
    await writeKey('elsewhere/kaggle.json', 0o400)
    const moved = await readKaggleKey({ HOME: home, KAGGLE_CONFIG_DIR: join(home, 'elsewhere') })
    expect(moved).toEqual({ ...KEY, place: join(home, 'elsewhere/kaggle.json'), warning: undefined })
  })

  it.each([0o644, 0o640, 0o606])('says that a file of mode %o is open to others', async (mode) => {
    await writeKey('.kaggle/kaggle.json', mode)
    const path = join(home, '.kaggle/kaggle.json')
    expect((await readKaggleKey({ HOME: home })).warning).toBe(
      `${path} has mode ${mode.toString(8)}, so that others on this machine may read your key; \`chmod 600 ${path}\` closes it`,
    )
  })

  it('says where a key is looked for, and where to get one', async () => {
    const failure = readKaggleKey({ HOME: home })
    await expect(failure).rejects.toThrow(ConfigError)
    await expect(failure).rejects.toThrow(
      `Expected a key for Kaggle in KAGGLE_USERNAME and KAGGLE_KEY or in ${home}/.kaggle/kaggle.json, received neither. Get one at https://www.kaggle.com/settings (API, Create New Token), which gives you the file.`,
    )
  })

  it('refuses half a key, and a file that holds none', async () => {
    await expect(readKaggleKey({ HOME: home, KAGGLE_USERNAME: 'me' })).rejects.toThrow(
      'Expected KAGGLE_KEY beside KAGGLE_USERNAME, received none.',
    )
    await expect(readKaggleKey({ HOME: home, KAGGLE_KEY: 'abc' })).rejects.toThrow('Expected KAGGLE_USERNAME beside')
    await writeTo(join(home, '.kaggle/kaggle.json'), '{"username": "me"}')
    await expect(readKaggleKey({ HOME: home })).rejects.toThrow(
      `Expected {"username": …, "key": …} in ${home}/.kaggle/kaggle.json, received something else.`,
    )
  })
})
