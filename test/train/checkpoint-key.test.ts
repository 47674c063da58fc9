import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Params } from '../../src/command-line/params.ts'
import { paths } from '../../src/core/paths.ts'
import { checkpointFolder, checkpointKey } from '../../src/train/checkpoint-key.ts'
import { selectConfiguration } from '../../src/train/params.ts'
import { packNoise, paramsWith } from '../support/tiny-training.ts'

const before = process.cwd()
const params = paramsWith({ architecture: 'mobilenet', mode: 'zero', width: 0.25 })
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-key-'))
  process.chdir(folder)
  await packNoise(['cat', 'dog'])
})

afterEach(async () => {
  vi.unstubAllEnvs()
  process.chdir(before)
  await rm(folder, { recursive: true })
})

const keyOf = (given: Params) => checkpointKey(selectConfiguration(given, 'net'), given)

describe('checkpointKey', () => {
  it('is the same for the same run, however often it saves', async () => {
    const key = await keyOf(params)
    expect(await keyOf(params)).toBe(key)
    expect(await keyOf({ ...params, checkpoint: { everyEpochs: 9, everyMinutes: 9 } })).toBe(key)
    expect(await keyOf({ ...params, gate: { ...params.gate, validation: 0 } })).toBe(key)
  })

  it('is another for everything that the bytes depend on', async () => {
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
    await appendFile(paths.packed('train'), 'x')
    keys.push(await keyOf(params))
    expect(new Set(keys).size).toBe(8)
  })

  it('is the same whatever threads the environment has where the parameters say how many', async () => {
    const given = { ...params, train: { ...params.train, threads: 2 } }
    const key = await keyOf(given)
    vi.stubEnv('TF_NUM_INTRAOP_THREADS', '7')
    expect(await keyOf(given)).toBe(key)
  })

  it('says which stage packs the images where there are none', async () => {
    await rm(paths.packed('validation'))
    await expect(keyOf(params)).rejects.toThrow(/^Expected packed images at .*Run `npm run repro`, whose stage augment/)
  })
})

describe('checkpointFolder', () => {
  it('is below PADDOCK_CHECKPOINTS, else in the cache, and of this run alone', () => {
    const key = 'a'.repeat(64)
    expect(checkpointFolder({ name: 'net' }, key, { PADDOCK_CHECKPOINTS: '/c' })).toBe('/c/net-aaaaaaaaaaaaaaaa')
    expect(checkpointFolder({ name: 'net' }, key, { PADDOCK_CACHE: '/k' })).toBe('/k/checkpoints/net-aaaaaaaaaaaaaaaa')
  })
})
