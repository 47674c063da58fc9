import { describe, expect, it } from 'vitest'
import { dependenciesOf } from '../../src/core/dependencies.ts'

const stage = (deps: string) => `stages:\n  split:\n    cmd: node split.ts\n${deps}    outs:\n      - parts.csv\n`

describe('dependenciesOf', () => {
  it('gives those of a stage and no others', () => {
    const next = '  train:\n    foreach: $' + '{models}\n    do:\n      deps:\n        - model/$' + '{key} # its own\n'
    const text = stage('    deps:\n      - src/core\n      - table.csv # of fetch\n') + next
    expect(dependenciesOf(text, 'split')).toEqual(['src/core', 'table.csv'])
    expect(dependenciesOf(text, 'train@one')).toEqual(['model/one'])
  })

  it.each([
    ['written in one line', stage('    deps: [src/core, table.csv]\n'), 'split'],
    ['missing', stage(''), 'split'],
    ['those of a stage that is not there', stage('    deps:\n      - src/core\n'), 'report'],
  ])('refuses dependencies that are %s, by which nothing would be checked', (_, text, name) => {
    expect(() => dependenciesOf(text, name)).toThrow(`Expected the dependencies of ${name} in dvc.yaml, one a line`)
  })
})
