import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importsOf } from '../../src/dvc/imports.ts'
import { scanImports } from '../../src/dvc/scan-imports.ts'

const FOLDERS = ['src', 'pipeline', 'commands', 'lessons', 'parity', 'bench']

function programs(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.m?[tj]s$/.test(name))
      .map((name) => join(folder, name)),
  )
}

describe('scanImports', () => {
  it('says of every program here what the parser of TypeScript says', () => {
    const paths = programs()
    expect(paths.length).toBeGreaterThan(200)
    const sorted = ({ always, onDemand }: ReturnType<typeof importsOf>) => [[...always].sort(), [...onDemand].sort()]
    for (const path of paths) {
      const text = readFileSync(path, 'utf8')
      expect([path, sorted(scanImports(path, text))]).toEqual([path, sorted(importsOf(path, text))])
    }
  })

  it('leaves out types, and takes a module of which a type is taken by name', () => {
    const text = "import type { A } from './a.ts'\nimport { type B } from './b.ts'\nlet c: typeof import('./c.ts')"
    expect(scanImports('x.ts', text)).toEqual({ always: ['./b.ts'], onDemand: [] })
  })

  it('reads lists over several lines, defaults, namespaces and files beside the module', () => {
    const text =
      "import a, {\n  b,\n  c,\n} from './a.ts'\nimport * as d from 'd'\nimport type from 'e'\n" +
      "export * from './f.ts'\nexport {\n  g,\n} from './g.ts'\nconst h = new URL('./h.json', import.meta.url)\nimport './i.ts'"
    expect(scanImports('x.ts', text).always).toEqual(['./a.ts', 'd', 'e', './f.ts', './g.ts', './h.json', './i.ts'])
  })
})
