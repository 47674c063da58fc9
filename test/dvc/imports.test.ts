import { describe, expect, it } from 'vitest'
import { importsOf } from '../../src/dvc/imports.ts'

const always = (text: string) => importsOf('a.ts', text).always
const onDemand = (text: string) => importsOf('a.ts', text).onDemand

describe('importsOf', () => {
  it('gives what is loaded with the module, in the order of the text', () => {
    const text = `import './first.ts'
      import all, { one } from "./second.ts"
      export * from './third.ts'
      export { two } from './fourth.ts'`
    expect(always(text)).toEqual(['./first.ts', './second.ts', './third.ts', './fourth.ts'])
  })

  it('leaves out types, which are gone when the program runs', () => {
    expect(always(`import type { A } from './a.ts'; export type { B } from './b.ts'`)).toEqual([])
    expect(onDemand(`let a: typeof import('./a.ts')`)).toEqual([])
  })

  it('counts a module of which only a type is taken by name, since verbatimModuleSyntax loads it', () => {
    expect(always(`import { type A } from './a.ts'`)).toEqual(['./a.ts'])
  })

  it('gives what is loaded on demand, wherever it stands', () => {
    const text = `async function load() { return (await import('./late.ts')).load(await import(\`later\`)) }`
    expect(importsOf('a.ts', text)).toEqual({ always: [], onDemand: ['./late.ts', 'later'] })
  })

  it('is not misled by comments, strings and templates', () => {
    const text = `// import './a.ts'
      const text = "import './b.ts'" + \`import('./c.ts')\``
    expect(importsOf('a.ts', text)).toEqual({ always: [], onDemand: [] })
  })

  it('gives files that are named beside the module, and no folders', () => {
    expect(always(`readFile(new URL('../data/table.json', import.meta.url))`)).toEqual(['../data/table.json'])
    expect(always(`new URL('..', import.meta.url); new URL('./a.ts', base)`)).toEqual([])
  })
})
