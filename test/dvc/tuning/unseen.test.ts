import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Stage {
  readonly deps: readonly string[]
  readonly outs?: readonly (string | Record<string, unknown>)[]
}

const { stages } = parse(await readFile('dvc.yaml', 'utf8')) as {
  stages: Readonly<Record<string, Stage | { readonly do: Stage }>>
}

describe('train, at which tune and seeds aim', () => {
  it('depends on no test image and on no evaluation', () => {
    const { train } = stages
    const deps = (train && 'do' in train ? train.do : train)?.deps ?? []
    const artifacts = deps.filter((path) => path.startsWith('artifacts/') || path.startsWith('results/'))
    expect(artifacts.sort()).toEqual([
      'artifacts/augment/train.csv',
      'artifacts/augment/train.npy',
      'artifacts/augment/validation.csv',
      'artifacts/augment/validation.npy',
    ])
  })
})
