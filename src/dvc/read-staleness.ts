import { join } from 'node:path'
import { isSection } from '../config/section.ts'
import { paths } from '../core/paths.ts'
import { BrokenError } from './broken.ts'
import { cacheOf, readDvcConfig } from './dvc-config.ts'
import { parseLock } from './lock.ts'
import { expandStages, variableFiles } from './stages.ts'
import { compareStages, type Staleness } from './staleness.ts'
import { openWorkspace, readText } from './workspace.ts'

/**
 * Which stages are stale in the checkout at `root`, without Python, data or network.
 *
 * Says what `dvc status` says when the data is there as the lock has it. Without a dvc.lock no stage has run yet.
 *
 * @throws BrokenError when a file of the pipeline is missing, in conflict or cannot be read
 */
export async function readStaleness(root = '.'): Promise<Staleness> {
  const workspace = openWorkspace(root, cacheOf(readDvcConfig(root), root))
  const lock = readText(join(root, paths.dvcLock))
  const pipeline = present(workspace.valuesIn(paths.dvcYaml), paths.dvcYaml)
  const variables = variableFiles(pipeline).map((file) => present(workspace.valuesIn(file), file))
  const stages = expandStages(pipeline, Object.assign({}, ...variables))
  return compareStages(stages, lock === undefined ? new Map() : parseLock(lock), workspace)
}

function present(values: unknown, file: string): object {
  if (isSection(values)) return values
  const received = values === undefined ? 'nothing' : JSON.stringify(values).slice(0, 40)
  throw new BrokenError(`Expected ${file} to hold a map, received ${received}. Restore it from git.`)
}
