import { rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { md5 } from '../../src/core/dvc-objects.ts'
import { readPipeline } from '../../src/dvc/pipeline.ts'
import { describePlan } from '../../src/dvc/plan.ts'
import { writeTo } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const STAGES = {
  fetch: { cmd: 'fetch', deps: ['a.csv'], outs: ['fetched'] },
  split: { cmd: 'split', deps: ['fetched/list.csv'], outs: ['parts'] },
  train: { foreach: `\${models}`, do: { cmd: `train \${key}`, deps: ['parts'], outs: [`\${key}`] } },
  other: { cmd: 'other', deps: ['b.csv'], outs: ['rest'] },
}

describe('describePlan', () => {
  temporaryFolder({ enter: true })

  /** A pipeline that ran on a.csv and b.csv, whose outs are in the cache. */
  async function run(): Promise<void> {
    await writeFile('params.yaml', 'models: {x: {}, y: {}}\n')
    await writeFile('dvc.yaml', stringify({ stages: STAGES }))
    for (const file of ['a.csv', 'b.csv']) await writeFile(file, file)
    const entry = (path: string) => ({ path, md5: md5(Buffer.from(path)) })
    const stage = (cmd: string, dep: string, out: string) => ({ cmd, deps: [entry(dep)], outs: [entry(out)] })
    const stages = {
      fetch: stage('fetch', 'a.csv', 'fetched'),
      split: stage('split', 'fetched/list.csv', 'parts'),
      'train@x': stage('train x', 'parts', 'x'),
      'train@y': stage('train y', 'parts', 'y'),
      other: stage('other', 'b.csv', 'rest'),
    }
    await writeFile('dvc.lock', stringify({ schema: '2.0', stages }))
    for (const { outs } of Object.values(stages)) {
      for (const { md5: hash } of outs) await writeTo(`.dvc/cache/files/md5/${hash.slice(0, 2)}/${hash.slice(2)}`, '')
    }
  }
  const plan = (targets: readonly string[] = [], isForced = false) =>
    describePlan(readPipeline(), targets, { isForced })

  it('says which stages run and why, and that running them decides about those behind them', async () => {
    await run()
    expect(plan()).toEqual(['nothing would run'])
    await writeFile('a.csv', 'more')
    expect(plan()).toEqual([
      'would run fetch: a.csv changed',
      'these run too if what they read changes, which only running shows: split, train@x, train@y',
    ])
    expect(plan(['split'])).toHaveLength(2)
    expect(plan(['train@y'])[1]).toMatch(/: split, train@y$/)
    expect(plan(['other'])).toEqual(['nothing would run'])
  })

  it('says that a stage runs whose outs are gone, or that is forced', async () => {
    await run()
    const rest = md5(Buffer.from('rest'))
    await rm(`.dvc/cache/files/md5/${rest.slice(0, 2)}/${rest.slice(2)}`)
    expect(plan()).toEqual(['would run other: its outputs are neither here nor in the cache'])
    expect(plan(['train'], true)).toEqual(
      ['fetch', 'split', 'train@x', 'train@y'].map((name) => `would run ${name}: forced`),
    )
  })
})
