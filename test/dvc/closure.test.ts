import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { importClosure, REGISTRY } from '../../src/dvc/closure.ts'
import { importsOf } from '../../src/dvc/imports.ts'

function closureOf(program: string, files: Readonly<Record<string, string>>) {
  return importClosure(
    program,
    (path) => {
      const text = files[path]
      if (text === undefined) throw new Error(`no file ${path}`)
      return text
    },
    importsOf,
  )
}

describe('importClosure', () => {
  it('gives the program first, then what it imports, directly and through others, by name', () => {
    const files = {
      'pipeline/a.ts': `import { b } from '../src/core/c.ts'; import '../src/b.ts'`,
      'src/b.ts': `import './core/d.ts'`,
      'src/core/c.ts': `export * from './d.ts'`,
      'src/core/d.ts': '',
    }
    expect(closureOf('pipeline/a.ts', files).files).toEqual([
      'pipeline/a.ts',
      'src/b.ts',
      'src/core/c.ts',
      'src/core/d.ts',
    ])
  })

  it('follows what is loaded on demand, and ends where modules import each other', () => {
    const files = { 'a.ts': `await import('./b.ts')`, 'b.ts': `import './a.ts'` }
    expect(closureOf('a.ts', files).files).toEqual(['a.ts', 'b.ts'])
  })

  it('names the packages and leaves out what Node brings', () => {
    const text = `import 'node:fs'; import 'path'; import 'zx/core'; import '@scope/name/part'; import sharp from 'sharp'`
    expect(closureOf('a.ts', { 'a.ts': text }).packages).toEqual(['@scope/name', 'sharp', 'zx'])
  })

  it('gives the files of the table of architectures as choices, with what any of them imports among the files', () => {
    const files = {
      'a.ts': `import './${REGISTRY}'`,
      [REGISTRY]: `const table = { one: () => import('./one.ts'), two: () => import('./two.ts') }`,
      'src/models/one.ts': `import './block.ts'; import 'numbers'`,
      'src/models/two.ts': '',
      'src/models/block.ts': '',
    }
    expect(closureOf('a.ts', files)).toEqual({
      files: ['a.ts', 'src/models/block.ts', REGISTRY],
      choices: ['src/models/one.ts', 'src/models/two.ts'],
      packages: ['numbers'],
    })
  })

  it('does not look for imports in a file that is no code', () => {
    const files = { 'a.ts': `readFile(new URL('./b.json', import.meta.url))`, 'b.json': `import './c.ts'` }
    expect(closureOf('a.ts', files).files).toEqual(['a.ts', 'b.json'])
  })

  it('of each stage holds no other stage, and TensorFlow for train and evaluate alone', () => {
    const stages = ['fetch', 'split', 'augment', 'train', 'evaluate', 'report', 'gate']
    const read = (path: string) => readFileSync(path, 'utf8')
    const closures = stages.map((name) => importClosure(`pipeline/${name}.ts`, read, importsOf))
    const scripts = closures.flatMap(({ files }) => files.filter((path) => path.startsWith('pipeline/')))
    expect(scripts).toEqual(stages.map((name) => `pipeline/${name}.ts`))
    const withTensorFlow = stages.filter((_, i) => closures[i]?.packages.includes('@tensorflow/tfjs-node-gpu'))
    expect(withTensorFlow).toEqual(['train', 'evaluate'])
  })
})
