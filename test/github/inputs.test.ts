import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseParams } from '../../src/command-line/params.ts'
import { ConfigError } from '../../src/core/errors.ts'
import { readConfigurations, readRunner, readSeed, withSeed } from '../../src/github/inputs.ts'
import { matrixOf } from '../../src/github/train.ts'

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
  it('lists each named configuration once, and all for an empty input', () => {
    expect(readConfigurations('original-zero, mobilenet025-zero\noriginal-zero', params)).toEqual([
      'original-zero',
      'mobilenet025-zero',
    ])
    expect(readConfigurations('', params)).toEqual(Object.keys(params.models))
    expect(readConfigurations(undefined, params)).toEqual(Object.keys(params.models))
  })

  it.each(ATTACKS)('refuses %j with one line', (attack) => {
    expect(() => readConfigurations(`original-zero ${attack}`, params)).toThrow(ConfigError)
    expect(() => readConfigurations(attack, params)).toThrow(/^Expected configurations among [^\n]*$/)
  })
})

describe('readSeed', () => {
  it('accepts the integers that params.yaml accepts, and nothing else', () => {
    expect(readSeed('7')).toBe(7)
    expect(readSeed(' ')).toBeUndefined()
    for (const wrong of ['-1', '1.5', '1e3', '2147483648', '0x10', ...ATTACKS])
      expect(() => readSeed(wrong), wrong).toThrow(ConfigError)
  })
})

describe('readRunner', () => {
  it('is the GPU runners of the project where nothing is set', () => {
    expect(readRunner(undefined)).toEqual({ runsOn: ['self-hosted', 'gpu'], gpu: true })
    expect(readRunner(' ')).toEqual(readRunner(undefined))
  })

  it.each([
    ['"ubuntu-24.04"', false],
    ['["self-hosted","big-memory"]', false],
    ['"gpu-t4-4-core"', true],
    ['{"group":"spot","labels":["linux","GPU"]}', true],
  ])('takes %s, and demands a GPU where a label promises one', (text, gpu) => {
    expect(readRunner(text)).toEqual({ runsOn: JSON.parse(text), gpu })
  })

  it.each(['ubuntu-24.04', '[]', '{"labels":["gpu"]}', '["a b"]', '7', ...ATTACKS])(
    'refuses %j with one line',
    (text) => {
      expect(() => readRunner(text)).toThrow(
        /^Expected PADDOCK_RUNNER to be [^\n]*\. Correct the repository variable\.$/,
      )
    },
  )
})

describe('withSeed', () => {
  it('changes only the named entries and keeps comments', () => {
    const changed = withSeed(text, ['original-zero'], 7)
    expect(parse(changed)).toEqual({
      ...parse(text),
      models: { ...parse(text).models, 'original-zero': { architecture: 'original', mode: 'zero', seed: 7 } },
    })
    expect(changed.match(/#/g)?.length).toBe(text.match(/#/g)?.length)
  })
})

describe('matrixOf', () => {
  it('makes one job per configuration, up to the most jobs of a matrix', () => {
    expect(matrixOf(['a', 'b'])).toEqual(['a', 'b'])
    expect(matrixOf([])).toEqual([])
    expect(matrixOf(['a', 'b', 'c', 'd', 'e'], 2)).toEqual(['a c e', 'b d'])
    const names = Array.from({ length: 1000 }, (_, index) => `net-${index}`)
    const jobs = matrixOf(names)
    expect(jobs).toHaveLength(256)
    expect(jobs.flatMap((job) => job.split(' ')).sort()).toEqual([...names].sort())
  })
})
