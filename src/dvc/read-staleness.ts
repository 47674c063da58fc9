import { join } from 'node:path'
import { isSection, type Section } from '../config/section.ts'
import { paths } from '../core/paths.ts'
import { BrokenError } from './broken.ts'
import { cacheOf, readDvcConfig } from './dvc-config.ts'
import { type Lock, parseLock } from './lock.ts'
import { expandStages, type Stage, variableFiles } from './stages.ts'
import { compareStages, type Staleness, type Workspace } from './staleness.ts'
import { openWorkspace, readText } from './workspace.ts'

/** What a checkout's files say of its pipeline. */
export interface Pipeline {
  /** The content of dvc.yaml */
  readonly content: Section
  readonly stages: readonly Stage[]
  readonly lock: Lock
  readonly workspace: Workspace
}

/**
 * Which stages are stale in the checkout at `root`, without Python, data or network.
 *
 * Says what `dvc status` says when the data is there as the lock has it. Without a dvc.lock no stage has run yet.
 *
 * @throws BrokenError when a file of the pipeline is missing, in conflict or cannot be read
 */
export async function readStaleness(root = '.'): Promise<Staleness> {
  return stalenessOf(readPipeline(root))
}

export function stalenessOf({ stages, lock, workspace }: Pipeline): Staleness {
  return compareStages(stages, lock, workspace)
}

/** Reads dvc.yaml, what it names, and dvc.lock. @throws BrokenError */
export function readPipeline(root = '.'): Pipeline {
  const workspace = openWorkspace(root, cacheOf(readDvcConfig(root), root))
  const lock = readText(join(root, paths.dvcLock))
  const content = present(workspace, paths.dvcYaml)
  const variables = variableFiles(content).map((file) => present(workspace, file))
  return {
    content,
    stages: expandStages(content, Object.assign({}, ...variables)),
    lock: lock === undefined ? new Map() : parseLock(lock),
    workspace,
  }
}

function present(workspace: Workspace, file: string): Section {
  const values = workspace.valuesIn(file)
  if (isSection(values)) return values
  const received = values === undefined ? 'nothing' : JSON.stringify(values).slice(0, 40)
  throw new BrokenError(`Expected ${file} to hold a map, received ${received}. Restore it from git.`)
}
