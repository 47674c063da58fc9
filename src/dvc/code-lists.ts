import { isSection, type Section } from '../config/section.ts'
import { importClosure } from './closure.ts'
import { lockedVersions, type PackageLock } from './packages.ts'
import { scanImports } from './scan-imports.ts'
import { codeFiles, packagesDigest, scriptOf, vouchedFiles, vouchedStages } from './stage-code.ts'

const CODE = /^(pipeline|src|native)\//

/**
 * A line for each stage of dvc.yaml whose list of code, or whose digest in packages.json, is not what its imports make it.
 *
 * A quick look at the imports; `npm run deps -- --check` parses them.
 *
 * @param read gives the text of a file of the project
 */
export function wrongCodeLists(
  stages: Section,
  packages: unknown,
  lock: PackageLock,
  read: (path: string) => string,
): string[] {
  const scan = remembering(scanImports)
  const bodies = Object.entries(stages).map(([name, entry]) => {
    const loop = isSection(entry) && isSection(entry.do) ? entry.do : undefined
    const stage = loop ?? (isSection(entry) ? entry : {})
    return { name, stage, isLoop: loop !== undefined, closure: importClosure(scriptOf(name, stage.cmd), read, scan) }
  })
  const closures = new Map(bodies.map(({ name, closure }) => [name, closure]))
  return bodies.flatMap(({ name, stage, isLoop, closure }) => {
    const vouched = vouchedFiles(vouchedStages(name, stage.meta, closures))
    const wanted = [...new Set([...codeFiles(closure, isLoop), ...vouched])]
    const listed = (Array.isArray(stage.deps) ? stage.deps : []).map(String).filter((path) => CODE.test(path))
    const section = isSection(packages) ? packages[name] : undefined
    const digest = packagesDigest(lockedVersions(lock, closure.packages))
    const faults = [
      ...wanted.filter((path) => !listed.includes(path)).map((path) => `${path} is missing`),
      ...listed.filter((path) => !wanted.includes(path)).map((path) => `${path} is not used`),
      ...(isSection(section) && section.digest === digest ? [] : ['packages.json has other versions']),
    ]
    return faults.length > 0 ? [`${name}: ${faults.join(', ')}`] : []
  })
}

function remembering<T>(scan: (path: string, text: string) => T): (path: string, text: string) => T {
  const known = new Map<string, T>()
  return (path, text) => {
    const seen = known.get(path) ?? scan(path, text)
    known.set(path, seen)
    return seen
  }
}
