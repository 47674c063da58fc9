import { readFileSync } from 'node:fs'
import { type Params, paramsSchema } from '../../command-line/params.ts'
import { checkParams } from '../../config/params.ts'
import { isSection } from '../../config/section.ts'
import { GateError, messageOf, PaddockError } from '../../core/errors.ts'
import { paths } from '../../core/paths.ts'
import { BrokenError } from '../../dvc/broken.ts'
import { wrongCodeLists } from '../../dvc/code-lists.ts'
import type { PackageLock } from '../../dvc/packages.ts'
import { type Pipeline, readPipeline, stalenessOf } from '../../dvc/read-staleness.ts'
import type { Staleness } from '../../dvc/staleness.ts'
import { judge } from '../../gate/gate.ts'
import { listMisses, requirePassed } from '../../gate/verdict.ts'
import { metricsOf, type Scored } from '../../scores/results.ts'
import { readReported, readResultFaults } from './results.ts'
import { type GateState, type Verification, verificationOf } from './verification.ts'

/**
 * Looks at the checkout in the current folder, without Python, data, network or GPU.
 *
 * @throws BrokenError when a file that it needs is missing or cannot be read
 */
export async function readVerification(): Promise<Verification> {
  try {
    const pipeline = readPipeline()
    const params = checkParams(paramsSchema, pipeline.workspace.valuesIn(paths.params), paths.params)
    const staleness = stalenessOf(pipeline)
    const scored = await readReported().catch((error: unknown) => {
      if (error instanceof PaddockError && isStale('report', staleness)) return {}
      throw error
    })
    return verificationOf(
      {
        codeLists: readWrongCodeLists(pipeline),
        results: willBeWritten(staleness) ? [] : await readResultFaults(scored),
        gate: gateOf(scored, params, staleness),
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

function isStale(name: string, { stages }: Staleness): boolean {
  return stages.some((stage) => stage.group === name && stage.changes.length > 0)
}

function readWrongCodeLists({ content, workspace }: Pipeline): string[] {
  const lock = workspace.valuesIn('package-lock.json')
  if (!isSection(content.stages) || !isSection(lock)) {
    throw new BrokenError('Expected package-lock.json to hold a map, received something else. Restore it from git.')
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
  return wrongCodeLists(content.stages, workspace.valuesIn('packages.json'), lock as unknown as PackageLock, read)
}

/** What the gate says; it cannot say anything before report ran for every configuration. */
function gateOf(reported: Readonly<Record<string, Scored>>, params: Params, staleness: Staleness): GateState {
  const names = Object.keys(params.models)
  const missing = names.filter((name) => !Object.hasOwn(reported, name))
  if (missing.length > 0) {
    if (isStale('report', staleness)) return { passed: false, message: 'no verdict before report has run' }
    throw new BrokenError(`Expected metrics of ${missing.join(', ')} in ${paths.resultsMetrics}, received none.`)
  }
  const scored = Object.fromEntries(names.map((name) => [name, reported[name] as Scored]))
  const verdict = judge(metricsOf(scored), params.gate)
  try {
    return { passed: true, message: requirePassed(verdict, scored) }
  } catch (error) {
    if (!(error instanceof GateError)) throw error
    return { passed: false, message: messageOf(error), misses: listMisses(verdict, scored) }
  }
}
