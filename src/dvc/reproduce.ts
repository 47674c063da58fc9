import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { loadParams } from '../command-line/params.ts'
import { ConfigError, GateError, messageOf, PaddockError } from '../core/errors.ts'
import { writeFileAtomically } from '../core/files.ts'
import { oneLine } from '../core/markdown.ts'
import { cacheFolder, paths } from '../core/paths.ts'
import { describeChosen, readJudged } from '../gate/verdict.ts'
import { recordNew } from '../records/record.ts'
import { readText } from './checkout.ts'
import { freshnessOf, isTrainingNeeded } from './freshness.ts'
import { withoutStages } from './lock.ts'
import { leftoversOf, readPipeline } from './pipeline.ts'
import { expectRoomInCache, keepLock, recover } from './recover.ts'
import { runDvc } from './run.ts'
import { findShortages } from './shortages.ts'
import { checkPinned } from './unpinned.ts'

/** DVC's own words for a pipeline without anything to run. */
const UP_TO_DATE = 'Data and pipelines are up to date.'

/** DVC's -1, as a shell sees it: a stage failed. */
const DVC_FAILED = 255

const FORCE = ['--force', '-f']

/** Options of `dvc repro` that leave it a run of the whole pipeline. */
const WHOLE = [...FORCE, '--pull', '--no-run-cache', '--keep-going', '-k', '--quiet', '-q', '--verbose', '-v']

/**
 * Runs `dvc repro`, and records between evaluate and report what was trained and evaluated, since report reads the records.
 * Where nothing needs training DVC starts once.
 *
 * Folders and entries of dvc.lock of configurations that params.yaml no longer has are removed, and what a killed run left.
 * Sets the program's exit code: 1 when a stage failed, and 128 + n after signal n.
 *
 * @param args arguments of `dvc repro`
 * @returns the line that a person reads; nothing where DVC has said what went wrong
 * @throws ConfigError where params.yaml is not valid; DataError where data/ holds other images than the pinned ones, or DVC's
 * cache is on a full disk; GateError where the gate is missed
 */
export async function reproduce(args: readonly string[]): Promise<string | undefined> {
  const params = await loadParams()
  const configurations = Object.keys(params.models)
  for (const line of await recover()) console.error(`repro: ${line}`)
  if (args.includes('--dry')) return startDvc(args)
  await makeCacheFolder()
  const record = async () => print(await recordNew(configurations))
  await checkPinned()
  await removeStaleConfigurations(configurations)
  await record()
  const isWhole = args.every((arg) => WHOLE.includes(arg))
  const training = isWhole && expectsTraining(args)
  for (const shortage of training ? await findShortages(params) : []) console.error(`repro: ${shortage}`)
  let outcome = await startDvc(training ? [...args, 'evaluate'] : args)
  const isNew = await record()
  if (isWhole && (training || isNew) && outcome !== undefined) {
    outcome = await startDvc([...args, '--single-item', 'report', 'gate'])
  }
  await forgetGone()
  await keepLock()
  if (outcome === undefined) await expectRoomInCache()
  if (outcome === undefined && args.every((arg) => arg === 'gate' || arg.startsWith('-'))) await endWithMiss()
  return outcome
}

/** @throws GateError where the gate is the stage that failed: what it missed is above DVC's lines, and the verdict is below */
async function endWithMiss(): Promise<void> {
  const stale = tryReading(() => freshnessOf(readPipeline()).stages.filter(({ changes }) => changes.length > 0))
  if (process.exitCode !== 1 || stale === undefined || !stale.every(({ name }) => name === 'gate')) return
  const { scored, gate } = await readJudged(await loadParams())
  if (gate.misses.length === 0) return
  const reached = describeChosen(gate, scored, oneLine) || 'no configuration can be chosen'
  throw new GateError(`The gate is missed: ${reached}; the reasons are above, the results in ${paths.resultsReadme}.`)
}

/** A cache that cannot be used fails before anything runs. */
async function makeCacheFolder(): Promise<void> {
  const folder = cacheFolder()
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new ConfigError(
      `Expected a folder for the cache, received ${messageOf(error)}. Set PADDOCK_CACHE to a folder.`,
    )
  })
}

async function startDvc(args: readonly string[]): Promise<string | undefined> {
  const { exitCode, output } = await runDvc(['repro', ...args], { watch: true })
  process.exitCode = exitCode === DVC_FAILED ? 1 : exitCode
  if (exitCode !== 0) return undefined
  return output.includes(UP_TO_DATE) ? 'everything is up to date' : 'done'
}

function expectsTraining(args: readonly string[]): boolean {
  return args.some((arg) => FORCE.includes(arg)) || (tryReading(isTrainingNeeded) ?? false)
}

/** A file of the pipeline that cannot be read is for DVC to report. */
function tryReading<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof PaddockError) return undefined
    throw error
  }
}

/** Prints a line where there is one, and says whether there was. */
function print(line: string | undefined): boolean {
  if (line !== undefined) console.log(line)
  return line !== undefined
}

/** report depends on the folders of all configurations: what is left of others would change its hash. */
async function removeStaleConfigurations(configurations: readonly string[]): Promise<void> {
  for (const folder of [paths.trainAll, paths.evaluateAll]) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    const stale = entries.filter((entry) => entry.isDirectory() && !configurations.includes(entry.name))
    for (const { name } of stale) await rm(join(folder, name), { recursive: true })
  }
}

async function forgetGone(): Promise<void> {
  try {
    const names = await forgetGoneStages()
    if (names.length > 0) console.log(`dvc.lock: removed ${names.join(', ')}, which dvc.yaml no longer has`)
  } catch (error) {
    if (!process.exitCode || !(error instanceof PaddockError)) throw error // DVC has reported the same file
  }
}

/**
 * Removes the entries of stages that dvc.yaml no longer has from dvc.lock, and returns their names.
 *
 * DVC itself keeps them for good: it only writes the entry of a stage that ran.
 *
 * @throws BrokenError when a file of the pipeline cannot be read; then nothing has changed
 */
export async function forgetGoneStages(root = '.'): Promise<string[]> {
  const gone = leftoversOf(readPipeline(root))
  if (gone.length === 0) return []
  const file = join(root, paths.dvcLock)
  await writeFileAtomically(file, withoutStages(readText(file) ?? '', gone))
  return gone
}
