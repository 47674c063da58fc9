import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isSection } from '../config/section.ts'
import { writeFileAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { BrokenError } from './broken.ts'
import { cacheOf, readDvcConfig } from './dvc-config.ts'
import { type Lock, type LockedStage, parseLock } from './lock.ts'
import { expandStages, type Stage, variableFiles } from './stages.ts'
import { compareStages, type Workspace } from './staleness.ts'
import { openWorkspace, readText } from './workspace.ts'

/** A stage as it ran somewhere: its entry of a dvc.lock, and the text of that, as DVC keeps it in the run cache. */
export interface Run {
  readonly text: string
  readonly entry: LockedStage
}

const EMPTY = "schema: '2.0'\nstages:\n"
/** Between the stages, which stand two columns in. */
const STAGE = /^ {2}(?=[^\s#])/m

/**
 * Writes into dvc.lock what the run cache of this checkout knows of stale stages, all at once, and gives their names.
 *
 * `dvc repro` would find the same, but for each stage it asks the remote for the whole run cache, and writes the whole file again:
 * for a thousand configurations hours and millions of requests. Nothing is run, and no data is touched.
 */
export async function restoreLock(root = '.'): Promise<string[]> {
  const cache = cacheOf(readDvcConfig(root), root)
  const workspace = openWorkspace(root, cache)
  const pipeline = workspace.valuesIn(paths.dvcYaml)
  const variables = variableFiles(pipeline).map((file) => workspace.valuesIn(file))
  const stages = expandStages(pipeline, Object.assign({}, ...variables.filter(isSection)))
  const before = readText(join(root, paths.dvcLock)) ?? EMPTY
  const restored = findRuns(stages, parseLock(before), readRuns(cache), workspace)
  if (restored.size > 0) await writeFileAtomically(join(root, paths.dvcLock), withRuns(before, restored))
  return [...restored.keys()]
}

/** For each stale stage whose outs are all cached, in order, a run with just its command, dependencies and parameters. */
export function findRuns(
  stages: readonly Stage[],
  lock: Lock,
  runs: ReadonlyMap<unknown, readonly Run[]>,
  workspace: Workspace,
): Map<string, Run> {
  const known = new Map(lock)
  const restored = new Map<string, Run>()
  for (const stage of stages) {
    if (stage.outs.length === 0 || !stage.outs.every(({ cached }) => cached)) continue
    const near = stages.filter(
      ({ configuration }) => configuration === undefined || configuration === stage.configuration,
    )
    const isRight = (entry: LockedStage | undefined) => {
      if (!entry) return false
      const nearLock = new Map(
        near.flatMap(({ name }) => (known.has(name) ? [[name, known.get(name) as LockedStage]] : [])),
      )
      const state = compareStages(near, nearLock.set(stage.name, entry), workspace)
      return state.stages.every(({ name, changes }) => name !== stage.name || changes.length === 0)
    }
    if (isRight(known.get(stage.name))) continue
    const run = runs.get(stage.cmd)?.find(({ entry }) => isRight(entry))
    if (!run) continue
    known.set(stage.name, run.entry)
    restored.set(stage.name, run)
  }
  return restored
}

/** The text of a dvc.lock with some entries put in: in their old place, else at the end, as DVC does. */
export function withRuns(lock: string, runs: ReadonlyMap<string, Run>): string {
  const [head, blocks] = lockBlocks(lock)
  const left = new Map(runs)
  const kept = blocks.map(({ name, text }) => {
    const run = left.get(name)
    left.delete(name)
    return run ? blockOf(name, run) : text
  })
  return [head, ...kept, ...[...left].map(([name, run]) => blockOf(name, run))].join('')
}

/** What stands before the stages of a dvc.lock in the form that DVC gives it, and the text of each stage. */
export function lockBlocks(lock: string): [head: string, stages: { readonly name: string; readonly text: string }[]] {
  const [head = EMPTY, ...blocks] = lock.split(STAGE)
  const nameOf = (block: string) => block.slice(0, block.indexOf(':')).replaceAll(/^['"]|['"]$/g, '')
  return [head, blocks.map((block) => ({ name: nameOf(block), text: `  ${block}` }))]
}

/** Every run that DVC keeps in a cache, by its command. */
export function readRuns(cache: string): Map<unknown, Run[]> {
  const runs = new Map<unknown, Run[]>()
  for (const file of listRuns(join(cache, 'runs'))) {
    const text = readText(file) ?? ''
    const entry = parseRun(text)
    if (entry) runs.set(entry.cmd, [...(runs.get(entry.cmd) ?? []), { text, entry }])
  }
  return runs
}

/** The entry of one run; nothing for a file of another form, or one that was cut short, which is left to DVC. */
function parseRun(text: string): LockedStage | undefined {
  try {
    return parseLock(`${EMPTY}${blockOf('run', { text })}`).get('run')
  } catch (error) {
    if (error instanceof BrokenError) return undefined
    throw error
  }
}

/** `runs/ab/<key>/<value>` */
function listRuns(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function blockOf(name: string, { text }: Pick<Run, 'text'>): string {
  return `  ${name}:\n${text.trimEnd().replaceAll(/^(?=.)/gm, '    ')}\n`
}
