import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, YAMLSeq } from 'yaml'
import { DataError } from '../core/errors.ts'
import { type Closure, importClosure } from './closure.ts'
import { importsOf } from './imports.ts'
import { lockedVersions, type PackageLock, type Versions } from './packages.ts'
import {
  BEHIND,
  behind,
  codeFiles,
  type ParamsFile,
  packagesDigest,
  scriptOf,
  vouchedFiles,
  vouchedStages,
} from './stage-code.ts'

/** The two files that say which code a stage depends on. */
export interface CodeFiles {
  /** Text of dvc.yaml: the files of the project. */
  readonly pipeline: string
  /**
   * Text of packages.json: the npm packages of each stage's code with those that they need, from package-lock.json.
   *
   * A stage depends on its digest there, so that a package that it does not use may change without running it again. JSON,
   * since DVC reads the file several times a stage: 0.24 s each as YAML, half a millisecond as JSON.
   */
  readonly packages: string
}

const PACKAGES = 'packages.json'
/** What it was called before; entries of that name are written anew. */
const FORMER_PACKAGES = 'packages.yaml'
const CODE = /^(pipeline|src|native)\//
const MARK = ' code, by `npm run deps`'

/**
 * The two files as they must be: the code in each stage's `deps` and `params` is written anew, all else stays.
 *
 * @param read gives the text of a file of the project
 */
export function withCode(files: CodeFiles, lock: PackageLock, read: (path: string) => string): CodeFiles {
  const document = parseDocument(files.pipeline)
  const sections: Record<string, { digest: string; packages: Versions }> = {}
  const stages = stagesOf(document)
  const closures = new Map(
    stages.map(([name, stage]) => [name, importClosure(scriptOf(name, stage.get('cmd')), read, importsOf)]),
  )
  for (const [name, stage, isForeach] of stages) {
    const closure = closures.get(name) as Closure
    const packages = lockedVersions(lock, closure.packages)
    sections[name] = { digest: packagesDigest(packages), packages }
    const { meta } = stage.toJSON() as { meta?: unknown }
    const vouched = vouchedStages(name, meta, closures)
    writeDeps(document, stage, [...new Set([...codeFiles(closure, isForeach), ...vouchedFiles(vouched)])])
    const digests = stages.filter(([other]) => other === name || vouched.includes(closures.get(other) as Closure))
    writeParams(document, stage, [
      { [PACKAGES]: digests.map(([other]) => `${other}.digest`) },
      ...behind(closure).flatMap(({ params }) => params),
    ])
  }
  return {
    pipeline: document.toString({ lineWidth: 0 }),
    packages: `${JSON.stringify(sections, null, 2)}\n`,
  }
}

/** Name and node of each stage, and whether it stands once for every configuration. */
function stagesOf(document: Document): [name: string, stage: YAMLMap, isForeach: boolean][] {
  const stages = document.get('stages')
  if (!isMap(stages)) throw new DataError('Expected stages in dvc.yaml, received none. Restore the file from git.')
  return stages.items.map(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : String(key)
    const loop = isMap(value) ? value.get('do') : undefined
    if (isMap(loop)) return [name, loop, true]
    if (isMap(value)) return [name, value, false]
    throw new DataError(`Expected stage ${name} of dvc.yaml to be a map, received ${String(value)}. Mend it.`)
  })
}

/** Keeps the hand-written entries, which come first, and replaces those that name code. */
function writeDeps(document: Document, stage: YAMLMap, files: readonly string[]): void {
  const nodes = files.map((path) => document.createNode(path))
  if (nodes[0]) nodes[0].commentBefore = MARK
  const list = listOf(stage, 'deps')
  list.items = [...list.items.filter((node) => !isScalar(node) || !CODE.test(String(node.value))), ...nodes]
  list.flow = false
  list.commentBefore = list.commentBefore === MARK ? null : (list.commentBefore ?? null)
}

function writeParams(document: Document, stage: YAMLMap, files: readonly ParamsFile[]): void {
  const names = new Set([
    PACKAGES,
    FORMER_PACKAGES,
    ...Object.values(BEHIND).flatMap(({ params }) => params.flatMap(Object.keys)),
  ])
  const isWritten = (node: unknown) => isMap(node) && node.items.every(({ key }) => names.has(String(key)))
  const list = listOf(stage, 'params')
  list.items = [...list.items.filter((node) => !isWritten(node)), ...files.map((entry) => document.createNode(entry))]
}

function listOf(stage: YAMLMap, key: string): YAMLSeq {
  const list = stage.get(key)
  if (isSeq(list)) return list
  const fresh = new YAMLSeq()
  stage.set(key, fresh)
  return fresh
}
