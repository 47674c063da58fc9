import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { describeMissing, findMissingWeights, targetsWithout } from '../../src/dvc/missing-weights.ts'
import { readPipeline } from '../../src/dvc/pipeline.ts'
import type { NetworkEntry } from '../../src/network/params.ts'
import { writeTo } from '../support/images.ts'
import { serve } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const STAGES = {
  split: { cmd: 'split', deps: ['a.csv'], outs: ['parts'] },
  train: { foreach: `\${models}`, do: { cmd: `train \${key}`, deps: ['parts'], outs: [`\${key}`] } },
  evaluate: { foreach: `\${models}`, do: { cmd: `evaluate \${key}`, deps: [`\${key}`], outs: [`of-\${key}`] } },
  report: { cmd: 'report', deps: ['of-zero', 'of-official', 'of-own', 'of-unknown'], outs: ['page'] },
}
const SHA256 = 'f'.repeat(64)
const transfer = { architecture: 'mobilenet', mode: 'transfer' } as const

describe('findMissingWeights', () => {
  const folder = temporaryFolder({ enter: true })

  it('names the trainings ahead whose weights are neither here nor to be had', async () => {
    const server = await serve((request, response) => {
      response.writeHead(request.url === '/there/model.json' ? 200 : 404).end()
    })
    const at = (path: string) => ({ url: `${server.url}${path}`, sha256: SHA256 })
    const models: Readonly<Record<string, NetworkEntry>> = {
      zero: { architecture: 'original', mode: 'zero' },
      there: { ...transfer, width: 0.25, weights: at('/there/model.json') },
      gone: { ...transfer, width: 0.25, weights: at('/gone/model.json') },
      mirrored: { ...transfer, width: 0.25, weights: at('/net/mirrored.json') },
      own: { ...transfer, width: 0.25, weights: { path: 'own.h5', sha256: SHA256 } },
      unknown: { ...transfer, width: 0.5 },
    }
    await writePipeline(models)
    await writeTo('mirror/net/mirrored.json', '{}')
    const environment = { PADDOCK_CACHE: join(folder.path, 'cache'), PADDOCK_MIRROR: join(folder.path, 'mirror') }
    const find = (...args: string[]) => findMissingWeights(readPipeline(), args, models, environment)
    const missing = await find()
    expect(missing).toEqual([
      { configuration: 'gone', place: `${server.url}/gone/model.json`, reason: 'status 404' },
      { configuration: 'own', place: 'own.h5', reason: 'no such file' },
      { configuration: 'unknown', place: 'no weights', reason: expect.stringContaining('whose SHA-256 is not known') },
    ])
    expect(describeMissing(missing.slice(0, 2))).toBe(
      `Expected the weights of gone, own, received ${server.url}/gone/model.json (status 404); own.h5 (no such file). Connect to the network, put the files into a folder that PADDOCK_MIRROR names, or take these configurations out of params.yaml; then run this again.`,
    )
    expect(await find('evaluate@gone')).toEqual(missing.slice(0, 1))
    expect(await find('train@there', '--no-commit')).toEqual([])
    await writeFile('own.h5', '')
    expect(await find('evaluate@own')).toEqual([])
    await server.close()
  })

  it('says why where nothing answers', async () => {
    const server = await serve(() => {})
    await server.close()
    const models = {
      net: { ...transfer, width: 0.25, weights: { url: `${server.url}/model.json`, sha256: SHA256 } },
    } as const
    await writePipeline(models)
    const [found] = await findMissingWeights(readPipeline(), [], models, { PADDOCK_CACHE: join(folder.path, 'cache') })
    expect(found?.reason).toContain('ECONNREFUSED')
  })
})

describe('targetsWithout', () => {
  temporaryFolder({ enter: true })

  it('leaves the others of a group, and what needs none of the missing', async () => {
    await writePipeline({ zero: {}, official: {}, own: {}, unknown: {} })
    const pipeline = readPipeline()
    const missing = ['official', 'own'].map((configuration) => ({ configuration, place: '', reason: '' }))
    const without = (...args: string[]) => targetsWithout(pipeline, args, missing)
    expect(without('--force')).toEqual(['evaluate@zero', 'evaluate@unknown'])
    expect(without('train', 'evaluate@own', 'split')).toEqual(['train@zero', 'train@unknown', 'split'])
    expect(without('report')).toEqual([])
  })
})

/** A pipeline in the working folder that has never run. */
async function writePipeline(models: object): Promise<void> {
  await writeFile('params.yaml', stringify({ models }))
  await writeFile('dvc.yaml', stringify({ stages: STAGES }))
  await writeFile('a.csv', '')
}
