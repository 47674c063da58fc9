import { mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { dependenciesOf, watchFiles } from '../../src/core/dependencies.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('watchFiles', () => {
  temporaryFolder({ enter: true })

  const long = new Date('2020-01-01')

  it.each([
    ['other bytes of the same size', () => writeFile('code/a.ts', '2')],
    [
      'another size of the same time',
      async () => {
        await writeFile('code/a.ts', '22')
        await utimes('code/a.ts', long, long)
      },
    ],
    ['a file that is gone', () => rm('code/a.ts')],
  ])('notices %s', async (_what, change) => {
    await mkdir('code', { recursive: true })
    await writeFile('code/a.ts', '1')
    await utimes('code/a.ts', long, long)
    const check = watchFiles(['code'])
    await check()
    await change()
    await expect(check()).rejects.toThrow('Expected code/a.ts not to change while this ran')
  })

  it('looks where the process was at the start', async () => {
    await mkdir('code', { recursive: true })
    await writeFile('code/a.ts', '1')
    const check = watchFiles(['code'])
    const root = process.cwd()
    process.chdir('code')
    try {
      await check()
    } finally {
      process.chdir(root)
    }
  })
})

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
