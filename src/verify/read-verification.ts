import { readFileSync } from 'node:fs'
import { loadParams } from '../config/load.ts'
import type { Params } from '../config/schema.ts'
import { isSection } from '../config/section.ts'
import { GateError, messageOf, PaddockError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { BrokenError } from '../dvc/broken.ts'
import { wrongCodeLists } from '../dvc/code-lists.ts'
import type { PackageLock } from '../dvc/packages.ts'
import { readStaleness } from '../dvc/read-staleness.ts'
import type { Staleness } from '../dvc/staleness.ts'
import { readValues } from '../dvc/workspace.ts'
import { judge } from '../evaluation/gate.ts'
import { metricsOf, readScored } from '../report/scored.ts'
import { requirePassed } from '../report/verdict.ts'
import { readResultFaults } from './results.ts'
import { type GateState, type Verification, verificationOf } from './verification.ts'

/**
 * Looks at the checkout in the current folder, without Python, data, network or GPU.
 *
 * @throws BrokenError when a file that it needs is missing or cannot be read
 */
export async function readVerification(): Promise<Verification> {
  try {
    const staleness = await readStaleness()
    const params = await loadParams()
    return verificationOf(
      {
        codeLists: readWrongCodeLists(),
        results: willBeWritten(staleness) ? [] : await readResultFaults(),
        gate: await readGate(params, staleness),
      },
      staleness,
    )
  } catch (error) {
    if (error instanceof BrokenError || !(error instanceof PaddockError)) throw error
    throw new BrokenError(messageOf(error), { cause: error })
  }
}

/** Whether evaluate or report has to run again for another reason than its outs: then results/ is of the past anyway. */
function willBeWritten({ stages }: Staleness): boolean {
  return stages.some(
    ({ group, changes }) => ['evaluate', 'report'].includes(group) && changes.some(({ of }) => of !== 'out'),
  )
}

function readWrongCodeLists(): string[] {
  const pipeline = readValues('.', paths.dvcYaml)
  const lock = readValues('.', 'package-lock.json')
  if (!isSection(pipeline) || !isSection(pipeline.stages) || !isSection(lock)) {
    throw new BrokenError(`Expected dvc.yaml and package-lock.json, received something else. Restore them from git.`)
  }
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      throw new BrokenError(
        `Expected a program at ${path}, received: ${messageOf(error)}. Mend the import that names it.`,
      )
    }
  }
  return wrongCodeLists(pipeline.stages, readValues('.', 'packages.json'), lock as unknown as PackageLock, read)
}

/** What the gate says; it cannot say anything before report ran for every configuration. */
async function readGate(params: Params, { stages }: Staleness): Promise<GateState> {
  try {
    const scored = await readScored(Object.keys(params.models))
    return { passed: true, message: requirePassed(judge(metricsOf(scored), params.gate), scored) }
  } catch (error) {
    if (error instanceof GateError) return { passed: false, message: messageOf(error) }
    const isReported = stages.every(({ group, changes }) => group !== 'report' || changes.length === 0)
    if (isReported || !(error instanceof PaddockError)) throw error
    return { passed: false, message: 'no verdict before report has run' }
  }
}
