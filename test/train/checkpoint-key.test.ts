import { appendFile, rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Params } from '../../src/command-line/params.ts'
import { paths } from '../../src/core/paths.ts'
import { checkpointFolder, checkpointKey } from '../../src/train/checkpoint-key.ts'
import { selectConfiguration } from '../../src/train/params.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { packNoise, paramsWith } from '../support/tiny-training.ts'

temporaryFolder({ enter: true })
const params = paramsWith({ architecture: 'mobilenet', mode: 'zero', width: 0.25 })

beforeEach(() => packNoise(['cat', 'dog']))

afterEach(() => {
  vi.unstubAllEnvs()
})

const keyOf = (given: Params) => checkpointKey(selectConfiguration(given, 'net'))

describe('checkpointKey', () => {
  it('is the same for the same training, however often it saves', async () => {
    const key = await keyOf(params)
    expect(await keyOf(params)).toBe(key)
    expect(await keyOf({ ...params, checkpoint: { everyEpochs: 9, everyMinutes: 9 } })).toBe(key)
    expect(await keyOf({ ...params, gate: { ...params.gate, validation: 0 } })).toBe(key)
  })

  it('depends on everything that the bytes depend on', async () => {
    const given = { ...params, train: { ...params.train, threads: null } }
    const keys = [await keyOf(given)]
    keys.push(await keyOf({ ...params, seed: 2 }))
    keys.push(await keyOf({ ...params, train: { ...params.train, learningRate: 0.5 } }))
    keys.push(await keyOf({ ...params, models: { net: { architecture: 'mobilenet', mode: 'zero', width: 0.5 } } }))
    for (const setting of ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'TF_ENABLE_ONEDNN_OPTS']) {
      vi.stubEnv(setting, '7')
      keys.push(await keyOf(given))
      vi.unstubAllEnvs()
    }
    await appendFile(paths.packedIndex('train'), 'x')
    keys.push(await keyOf(params))
    expect(new Set(keys).size).toBe(8)
  })

  it('ignores the threads of the environment if the parameters set them', async () => {
    const given = { ...params, train: { ...params.train, threads: 2 } }
    const key = await keyOf(given)
    vi.stubEnv('TF_NUM_INTRAOP_THREADS', '7')
    expect(await keyOf(given)).toBe(key)
  })

  it('names the stage that packs missing images', async () => {
    await rm(paths.packedIndex('validation'))
    await expect(keyOf(params)).rejects.toThrow(/^Expected packed images at .*Run `npm run repro`: its stage augment/)
  })
})

describe('checkpointFolder', () => {
  it('is below PADDOCK_CHECKPOINTS, or in the cache, and for this training alone', () => {
    const key = `${'a'.repeat(64)}-${'b'.repeat(64)}`
    const folder = 'net-aaaaaaaaaaaaaaaa-bbbbbbbb'
    expect(checkpointFolder({ name: 'net' }, key, { PADDOCK_CHECKPOINTS: '/c' })).toBe(`/c/${folder}`)
    expect(checkpointFolder({ name: 'net' }, key, { PADDOCK_CACHE: '/k' })).toBe(`/k/checkpoints/${folder}`)
  })
})
