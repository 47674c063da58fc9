import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DataError } from './errors.ts'
import { paths } from './paths.ts'

/**
 * Notes the state of the dependencies of the stage that DVC runs.
 *
 * DVC hashes them after the stage, and would record code that was edited meanwhile as the code that ran.
 *
 * @returns the check that they have not changed since; undefined if DVC does not run this process
 */
export function watchStage(stage = process.env.DVC_STAGE): (() => Promise<void>) | undefined {
  if (stage === undefined) return undefined
  return watchFiles(dependenciesOf(readFileSync(paths.dvcYaml, 'utf8'), stage))
}

/**
 * Notes the names, sizes and times of files, and of all files in folders; takes some milliseconds for a stage.
 *
 * @returns the check that they have not changed since, which throws DataError
 */
export function watchFiles(watched: readonly string[]): () => Promise<void> {
  const root = process.cwd() // a script may change its folder
  const before = statesOf(root, watched)
  return async () => {
    const now = statesOf(root, watched)
    const changed = [...new Set([...before.keys(), ...now.keys()])].filter((path) => before.get(path) !== now.get(path))
    if (changed.length === 0) return
    const others = changed.length > 1 ? ` and ${changed.length - 1} more` : ''
    throw new DataError(
      `Expected ${changed[0]}${others} not to change while this ran, received changes. The result is not kept: run the same command again. A training continues where it was if the change is reverted first.`,
    )
  }
}

/**
 * The files and folders that a stage of dvc.yaml depends on, except those whose path has a variable other than `key`.
 *
 * Line by line, as our dvc.yaml is written: parsing it takes longer than the check.
 *
 * @throws DataError where it is written in another way, since nothing would be checked
 */
export function dependenciesOf(dvcYaml: string, stage: string): string[] {
  const [group = '', key = ''] = stage.split('@')
  const lines = dvcYaml.split('\n')
  const below = lines.slice(lines.findIndex((line) => line.startsWith(`  ${group}:`)) + 1)
  const end = below.findIndex((line) => /^ {0,2}\S/.test(line))
  const own = below.slice(0, end < 0 ? undefined : end)
  const deps = own.slice(own.findIndex((line) => /^ +deps:/.test(line)) + 1)
  const listed = deps.findIndex((line) => !/^ +- /.test(line))
  if (below.length === lines.length || deps.length === own.length || listed === 0) {
    throw new DataError(
      `Expected the dependencies of ${stage} in dvc.yaml, one a line below \`deps:\`, received none. Write them so: what a stage reads is checked by them.`,
    )
  }
  return deps
    .slice(0, listed < 0 ? undefined : listed)
    .map((line) => line.replace(/^ +- (\S+).*$/, '$1').replaceAll(`\${key}`, key))
    .filter((path) => !path.includes('${'))
}

/** What .dvcignore leaves out of these folders. */
const IGNORED = /^(\.gitignore|\.DS_Store|.*\.swp)$/

/** Size and time of each file by its path. */
function statesOf(root: string, watched: readonly string[]): Map<string, string> {
  const states = new Map<string, string>()
  const look = (path: string) => {
    const found = statSync(join(root, path), { throwIfNoEntry: false })
    if (found?.isFile()) states.set(path, `${found.size} ${found.mtimeMs}`)
    return found?.isDirectory() ?? false
  }
  for (const path of watched) {
    if (!look(path)) continue
    const names = readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    for (const name of names) if (!IGNORED.test(basename(name))) look(join(path, name))
  }
  return states
}
