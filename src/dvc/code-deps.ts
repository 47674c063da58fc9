import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, YAMLSeq } from 'yaml'
import { DataError } from '../core/errors.ts'
import { sha256 } from '../core/files.ts'
import { type Closure, importClosure } from './closure.ts'
import { lockedVersions, type PackageLock, type Versions } from './packages.ts'

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

/** What stands behind a file without being imported by it: the native code and the version of TensorFlow. */
const BEHIND: Readonly<Record<string, { readonly files: readonly string[]; readonly params: readonly ParamsFile[] }>> =
  {
    'src/tensorflow/runtime.ts': {
      files: ['native/paddock_binding.cc'],
      params: [{ 'native/runtime.json': ['tensorflow'] }],
    },
  }

/** An entry of a stage's `params` that names keys of another file. */
type ParamsFile = Readonly<Record<string, readonly string[]>>

const PACKAGES = 'packages.json'
/** What it was called before; entries of that name are written anew. */
const FORMER_PACKAGES = 'packages.yaml'
const CODE = /^(pipeline|src|native)\//
const SCRIPT = /\bpipeline\/[\w-]+\.ts\b/
const CHOICE = /^src\/models\/([a-z0-9-]+)\.ts$/
const MARK = ' code, by `npm run deps`'

/**
 * The two files as they must be: the code in each stage's `deps` and `params` is written anew, all else stays.
 *
 * @param read gives the text of a file of the project
 */
export function withCode(files: CodeFiles, lock: PackageLock, read: (path: string) => string): CodeFiles {
  const document = parseDocument(files.pipeline)
  const sections: Record<string, { digest: string; packages: Versions }> = {}
  for (const [name, stage, isForeach] of stagesOf(document)) {
    const closure = importClosure(scriptOf(name, stage), read)
    const packages = lockedVersions(lock, closure.packages)
    sections[name] = { digest: sha256(JSON.stringify(packages)), packages }
    writeDeps(document, stage, codeFiles(closure, isForeach))
    writeParams(document, stage, [
      { [PACKAGES]: [`${name}.digest`] },
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

function scriptOf(name: string, stage: YAMLMap): string {
  const command = String(stage.get('cmd'))
  const script = SCRIPT.exec(command)?.[0]
  if (script) return script
  throw new DataError(
    `Expected the cmd of stage ${name} to run a script of pipeline/, received ${command}. Mend dvc.yaml.`,
  )
}

function codeFiles(closure: Closure, isForeach: boolean): string[] {
  const native = behind(closure).flatMap(({ files }) => files)
  const isTable = closure.choices.every((path) => CHOICE.test(path))
  if (!isForeach || !isTable) return [...closure.files, ...closure.choices, ...native]
  const choice = closure.choices.length > 0 ? [`src/models/\${item.architecture}.ts`] : []
  return [...closure.files, ...choice, ...native]
}

function behind(closure: Closure) {
  return closure.files.flatMap((path) => BEHIND[path] ?? [])
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
