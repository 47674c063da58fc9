import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseParams } from '../../../src/command-line/params.ts'
import { ConfigError } from '../../../src/core/errors.ts'
import { readConfigurations, readJob, readSeed } from '../../../src/github/workflow/inputs.ts'
import { matrixOf } from '../../../src/github/workflow/plan.ts'
import { withSeed } from '../../../src/github/workflow/seed.ts'

const text = await readFile('profiles/sample.yaml', 'utf8')
const params = parseParams(text)

const ATTACKS = [
  '$(touch x)',
  '`id`',
  "'; rm -rf /",
  'a\n::set-output name=x::y',
  '../original-zero',
  '--help',
  '__proto__',
  'constructor',
]

describe('readConfigurations', () => {
  it('gives those that are named, each once, and all where none is', () => {
    expect(readConfigurations('original-zero, mobilenet025-zero\noriginal-zero', params)).toEqual([
      'original-zero',
      'mobilenet025-zero',
    ])
    expect(readConfigurations('', params)).toEqual(Object.keys(params.models))
    expect(readConfigurations(undefined, params)).toEqual(Object.keys(params.models))
  })

  it.each(ATTACKS)('refuses %j in one line', (attack) => {
    expect(() => readConfigurations(`original-zero ${attack}`, params)).toThrow(ConfigError)
    expect(() => readConfigurations(attack, params)).toThrow(/^Expected configurations, of [^\n]*$/)
  })
})

describe('readSeed', () => {
  it('takes whole numbers that the schema takes, and nothing else', () => {
    expect(readSeed('7')).toBe(7)
    expect(readSeed(' ')).toBeUndefined()
    for (const wrong of ['-1', '1.5', '1e3', '2147483648', '0x10', ...ATTACKS])
      expect(() => readSeed(wrong), wrong).toThrow(ConfigError)
  })
})

describe('withSeed', () => {
  it('changes the named entries alone, and keeps comments', () => {
    const changed = withSeed(text, ['original-zero'], 7)
    expect(parse(changed)).toEqual({
      ...parse(text),
      models: { ...parse(text).models, 'original-zero': { architecture: 'original', mode: 'zero', seed: 7 } },
    })
    expect(changed.match(/#/g)?.length).toBe(text.match(/#/g)?.length)
  })
})

describe('readJob', () => {
  it('knows the page of its run, and takes only addresses and names', () => {
    const environment = { GITHUB_REPOSITORY: 'a/b', GITHUB_RUN_ID: '7', GITHUB_SERVER_URL: 'https://git.test/' }
    expect(readJob(environment)).toMatchObject({
      runUrl: 'https://git.test/a/b/actions/runs/7',
      author: 'github-actions[bot]',
    })
    for (const wrong of [
      {},
      { GITHUB_REPOSITORY: '../../x' },
      { ...environment, GITHUB_API_URL: 'file:///etc' },
      { ...environment, GITHUB_RUN_ID: '7)' },
    ]) {
      expect(() => readJob(wrong)).toThrow(/^Expected the environment of a workflow, received another [^\n]*$/)
    }
  })
})

describe('matrixOf', () => {
  it('gives a job to each configuration, and never more jobs than a matrix holds', () => {
    expect(matrixOf(['a', 'b'])).toEqual(['a', 'b'])
    expect(matrixOf([])).toEqual([])
    expect(matrixOf(['a', 'b', 'c', 'd', 'e'], 2)).toEqual(['a c e', 'b d'])
    const names = Array.from({ length: 1000 }, (_, place) => `net-${place}`)
    const jobs = matrixOf(names)
    expect(jobs).toHaveLength(256)
    expect(jobs.flatMap((job) => job.split(' ')).sort()).toEqual([...names].sort())
  })
})
