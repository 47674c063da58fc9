import { describe, expect, it } from 'vitest'
import { loadParams } from '../../src/command-line/params.ts'
import { sha256 } from '../../src/core/files.ts'
import { lineageOf, type Origins } from '../../src/review/lineage.ts'

const params = await loadParams('profiles/sample.yaml')
const [CONFIG = '', OTHER = ''] = Object.keys(params.models)
const origins: Origins = {
  pin: `${'1'.repeat(32)}.dir`,
  manifest: sha256('manifest'),
  split: sha256('split'),
  code: { 'src/core/csv.ts': sha256('csv'), 'pipeline/train.ts': sha256('train') },
  architectures: { original: sha256('original'), mobilenet: sha256('mobilenet') },
  packages: { fetch: { sharp: '0.34.5' }, train: { '@tensorflow/tfjs-core': '4.22.0' } },
  tensorflow: '2.21.0',
  runtime: sha256('runtime'),
}
const lineage = lineageOf(origins, params, CONFIG, sha256('test set'))

describe('lineageOf', () => {
  it('has a digest of code that sha256sum gives too', () => {
    // LC_ALL=C sha256sum of the three files, in this order, piped into sha256sum
    const lines = [
      `${sha256('train')}  pipeline/train.ts\n`,
      `${sha256('csv')}  src/core/csv.ts\n`,
      `${sha256('original')}  src/models/original.ts\n`,
    ]
    expect(lineage.code).toBe(sha256(lines.join('')))
  })

  it('does not depend on other configurations, their code, thresholds or the order of keys', () => {
    const { [OTHER]: other, ...rest } = params.models
    const changed = { ...params, models: { ...rest }, gate: { ...params.gate, test: 0 }, checkpoint: params.checkpoint }
    const turned = Object.fromEntries(Object.entries(changed).reverse()) as typeof params
    const architectures = { ...origins.architectures, mobilenet: sha256('another') }
    expect(other).toBeDefined()
    expect(lineageOf({ ...origins, architectures }, turned, CONFIG, sha256('test set'))).toEqual(lineage)
  })

  it.each([
    ['params', { params: { ...params, seed: 2 } }],
    ['params', { params: { ...params, train: { ...params.train, batchSize: 7 } } }],
    ['code', { origins: { ...origins, code: { ...origins.code, 'src/core/csv.ts': sha256('other') } } }],
    ['code', { origins: { ...origins, architectures: { ...origins.architectures, original: sha256('other') } } }],
    ['packages', { origins: { ...origins, packages: { ...origins.packages, fetch: { sharp: '0.35.0' } } } }],
    ['data', { origins: { ...origins, split: sha256('other') } }],
    ['data', { testSet: sha256('other') }],
  ] as const)('changes in %s, and in what covers all, when that changes', (name, change) => {
    const given = { origins, params, testSet: sha256('test set'), ...change }
    const after = lineageOf(given.origins, given.params, CONFIG, given.testSet)
    const others = (['params', 'code', 'packages', 'data'] as const).filter((each) => each !== name)
    expect(after[name]).not.toEqual(lineage[name])
    expect(after.stages).not.toBe(lineage.stages)
    for (const each of others) expect(after[each]).toEqual(lineage[each])
  })

  it('covers the files of TensorFlow with all the rest', () => {
    const after = lineageOf({ ...origins, runtime: sha256('other') }, params, CONFIG, sha256('test set'))
    expect(after.stages).not.toBe(lineage.stages)
    expect(after.versions).toMatchObject({
      TensorFlow: '2.21.0',
      'src/tensorflow/native/runtime.json': sha256('other'),
    })
  })
})
