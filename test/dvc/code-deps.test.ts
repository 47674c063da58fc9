import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type CodeFiles, withCode } from '../../src/dvc/code-deps.ts'
import { staleStages } from '../../src/dvc/stale-code.ts'

const PIPELINE = `# The pipeline.
stages:
  one:
    cmd: pipeline/node pipeline/one.ts \${outs[0].md5}
    params:
      - seed # of everything
    outs:
      - artifacts/one

  # Once for each configuration.
  two:
    foreach: \${models}
    do:
      cmd: pipeline/node pipeline/two.ts \${key}
      deps:
        - artifacts/one
        - src/gone.ts
`

const SOURCES: Readonly<Record<string, string>> = {
  'pipeline/one.ts': `import '../src/core/csv.ts'`,
  'pipeline/two.ts': `import '../src/models/registry.ts'`,
  'src/core/csv.ts': `import 'csv-parse'`,
  'src/network/registry.ts': `import '../tensorflow/runtime.ts'; export const small = () => import('./small.ts')`,
  'src/models/small.ts': `import './block.ts'`,
  'src/models/block.ts': '',
  'src/tensorflow/raw.ts': '',
}

const LOCK = {
  packages: { 'node_modules/csv-parse': { version: '6.0.0' }, 'node_modules/linter': { version: '1.0.0' } },
}

function written(files: CodeFiles = { pipeline: PIPELINE, packages: '' }, sources = SOURCES, lock = LOCK): CodeFiles {
  return withCode(files, lock, (path) => sources[path] ?? '')
}

describe('withCode', () => {
  it('writes the code after what is written by hand, and leaves all else as it was', () => {
    expect(written().pipeline).toBe(`# The pipeline.
stages:
  one:
    cmd: pipeline/node pipeline/one.ts \${outs[0].md5}
    params:
      - seed # of everything
      - packages.json:
          - one.digest
    outs:
      - artifacts/one
    deps:
      # code, by \`npm run deps\`
      - pipeline/one.ts
      - src/core/csv.ts

  # Once for each configuration.
  two:
    foreach: \${models}
    do:
      cmd: pipeline/node pipeline/two.ts \${key}
      deps:
        - artifacts/one
        # code, by \`npm run deps\`
        - pipeline/two.ts
        - src/models/block.ts
        - src/network/registry.ts
        - src/tensorflow/runtime.ts
        - src/models/\${item.architecture}.ts
        - src/tensorflow/native/paddock_binding.cc
      params:
        - packages.json:
            - two.digest
        - src/tensorflow/native/runtime.json:
            - tensorflow
`)
  })

  it('gives a stage that vouches for others their code too, with every architecture, and their packages', () => {
    const three = 'stages:\n  three:\n    meta: { vouchesFor: [one, two] }\n    cmd: pipeline/node pipeline/three.ts\n'
    const pipeline = `${three}${PIPELINE.split('stages:\n')[1]}`
    const { stages } = parse(written({ pipeline, packages: '' }).pipeline) as { stages: Record<string, unknown> }
    expect(stages.three).toMatchObject({
      deps: [
        ...['pipeline/three.ts', 'pipeline/one.ts', 'src/core/csv.ts', 'pipeline/two.ts', 'src/models/block.ts'],
        ...['src/network/registry.ts', 'src/tensorflow/raw.ts', 'src/models/small.ts'],
        ...['src/tensorflow/native/paddock_binding.cc', 'src/tensorflow/native/runtime.json'],
      ],
      params: [{ 'packages.json': ['three.digest', 'one.digest', 'two.digest'] }],
    })
    expect(() => written({ pipeline: pipeline.replace('[one, two]', '[none]'), packages: '' })).toThrow(
      'Expected stages in meta.vouchesFor of three in dvc.yaml, received none. Mend it.',
    )
  })

  it('changes nothing a second time', () => {
    expect(written(written())).toEqual(written())
  })

  it("lists the packages of a stage's code, with a digest that changes with their versions alone", () => {
    const packagesOf = ({ packages }: CodeFiles) => JSON.parse(packages)
    const before = packagesOf(written())
    expect(before).toMatchObject({ one: { packages: { 'csv-parse': '6.0.0' } }, two: { packages: {} } })
    const version = (name: string) => ({
      packages: { ...LOCK.packages, [`node_modules/${name}`]: { version: '7.0.0' } },
    })
    expect(packagesOf(written(undefined, SOURCES, version('linter')))).toEqual(before)
    const after = packagesOf(written(undefined, SOURCES, version('csv-parse')))
    expect(after.one.digest).not.toBe(before.one.digest)
    expect(after.two).toEqual(before.two)
  })

  it('refuses a stage that runs no script of pipeline/', () => {
    const pipeline = 'stages:\n  one:\n    cmd: python train.py\n'
    expect(() => written({ pipeline, packages: '' })).toThrow(
      /^Expected the cmd of stage one to run a script of pipeline\/, received python train\.py/,
    )
  })
})

describe('staleStages', () => {
  it('says nothing of what is up to date', () => {
    expect(staleStages(written(), written())).toEqual([])
  })

  it('names the stage, and the files that are missing or not used', () => {
    const sources = { ...SOURCES, 'pipeline/one.ts': `import '../src/core/files.ts'` }
    expect(staleStages(written(), written(undefined, sources))).toEqual([
      'one: src/core/files.ts is missing, src/core/csv.ts is not used, csv-parse 6.0.0 -> none',
    ])
  })

  it('names the package whose version is another', () => {
    const lock = { packages: { ...LOCK.packages, 'node_modules/csv-parse': { version: '7.0.0' } } }
    expect(staleStages(written(), written(undefined, SOURCES, lock))).toEqual(['one: csv-parse 6.0.0 -> 7.0.0'])
  })

  it('names the file when it was edited by hand', () => {
    const { pipeline, packages } = written()
    const digest = packages.replace(/"digest": "\w+"/, '"digest": "0"')
    expect(staleStages({ pipeline, packages: digest }, written())).toEqual(['packages.json: edited by hand'])
    const list = pipeline.replace('- packages.json:\n          - one.digest', '- other')
    expect(staleStages({ pipeline: list, packages }, written())).toEqual(['dvc.yaml: code in another order or form'])
  })
})
