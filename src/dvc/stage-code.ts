import { isSection } from '../config/section.ts'
import { DataError } from '../core/errors.ts'
import { sha256 } from '../core/files.ts'
import type { Closure } from './closure.ts'
import type { Versions } from './packages.ts'

/** What stands behind a file without being imported by it: the native code and the version of TensorFlow. */
export const BEHIND: Readonly<
  Record<string, { readonly files: readonly string[]; readonly params: readonly ParamsFile[] }>
> = {
  'src/tensorflow/raw.ts': {
    files: ['src/tensorflow/native/paddock_binding.cc'],
    params: [{ 'src/tensorflow/native/runtime.json': ['tensorflow'] }],
  },
}

/** An entry of a stage's `params` that names keys of another file. */
export type ParamsFile = Readonly<Record<string, readonly string[]>>

const SCRIPT = /\bpipeline\/[\w-]+\.ts\b/
const CHOICE = /^src\/models\/([a-z0-9-]+)\.ts$/

/** The script that the `cmd` of a stage runs. */
export function scriptOf(name: string, cmd: unknown): string {
  const command = String(cmd)
  const script = SCRIPT.exec(command)?.[0]
  if (script) return script
  throw new DataError(
    `Expected the cmd of stage ${name} to run a script of pipeline/, received ${command}. Mend dvc.yaml.`,
  )
}

/** The stages that the `meta` of a stage says it vouches for: it depends on their code as on its own. */
export function vouchedStages(name: string, meta: unknown, closures: ReadonlyMap<string, Closure>): Closure[] {
  const names = isSection(meta) && Array.isArray(meta.vouchesFor) ? meta.vouchesFor.map(String) : []
  return names.map((each) => {
    const closure = closures.get(each)
    if (closure) return closure
    throw new DataError(`Expected stages in meta.vouchesFor of ${name} in dvc.yaml, received ${each}. Mend it.`)
  })
}

/** The code of the stages that a stage vouches for, every architecture, and what TensorFlow is pinned to. */
export function vouchedFiles(closures: readonly Closure[]): string[] {
  const files = closures.flatMap((closure) => codeFiles(closure, false))
  return closures.some((closure) => behind(closure).length > 0)
    ? [...files, 'src/tensorflow/native/runtime.json']
    : files
}

/** The files of the project that a stage depends on; where it stands for every configuration, the architecture is the entry's. */
export function codeFiles(closure: Closure, isForeach: boolean): string[] {
  const native = behind(closure).flatMap(({ files }) => files)
  const isTable = closure.choices.every((path) => CHOICE.test(path))
  if (!isForeach || !isTable) return [...closure.files, ...closure.choices, ...native]
  const choice = closure.choices.length > 0 ? [`src/models/\${item.architecture}.ts`] : []
  return [...closure.files, ...choice, ...native]
}

export function behind(closure: Closure) {
  return closure.files.flatMap((path) => BEHIND[path] ?? [])
}

/** What a stage depends on in place of its packages. */
export function packagesDigest(packages: Versions): string {
  return sha256(JSON.stringify(packages))
}
