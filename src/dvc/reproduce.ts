import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { loadParams } from '../command-line/params.ts'
import { ConfigError, GateError, messageOf, PaddockError, WeightsError } from '../core/errors.ts'
import { readText, writeFileAtomically } from '../core/files.ts'
import { cacheFolder, paths } from '../core/paths.ts'
import { readTestSet } from '../core/test-set.ts'
import { readExclusions } from '../dataset/exclusions.ts'
import { nameMisses, readJudged } from '../gate/verdict.ts'
import { recordNew } from '../records/record.ts'
import { openCheckout } from './checkout.ts'
import { freshnessOf, isTrainingNeeded } from './freshness.ts'
import { keepStages } from './lock.ts'
import { describeMissing, findMissingWeights, type MissingWeights, targetsWithout } from './missing-weights.ts'
import { leftoversOf, type Pipeline, readPipeline } from './pipeline.ts'
import { describePlan } from './plan.ts'
import { expectRoomInCache, keepLock, recover } from './recover.ts'
import { runDvc } from './run.ts'
import { requireNoDvc } from './running.ts'
import { findShortages } from './shortages.ts'
import { checkTargets } from './targets.ts'
import { checkPinned } from './unpinned.ts'

/** DVC's own words for a pipeline without anything to run. */
const UP_TO_DATE = 'Data and pipelines are up to date.'

/** DVC's -1, as a shell sees it: a stage failed. */
const DVC_FAILED = 255

/** What DVC prints after every run, and blank lines. */
const NOISE =
  /^(To track the changes with git, run:|\tgit add .*|To enable auto staging, run:|\tdvc config core\.autostage true|(Generating|Updating) lock file .*|Use `dvc push` to send your updates .*|)$/
const GATE_FAILED = /^ERROR: failed to reproduce 'gate'/

/** An experiment runs in a copy. */
const EXPERIMENT = /^dvc exp run --temp /

const FORCE = ['--force', '-f']

/** Options of `dvc repro` that leave it a run of the whole pipeline. */
const WHOLE = [...FORCE, '--pull', '--no-run-cache', '--keep-going', '-k', '--quiet', '-q', '--verbose', '-v']

/**
 * Runs `dvc repro`, and records between evaluate and report what was trained and evaluated, since report reads the records.
 * Where nothing needs training DVC starts once.
 *
 * Removes folders and dvc.lock entries of configurations that params.yaml no longer has, and what a killed run left.
 * Sets the program's exit code: 1 when a stage failed, and 128 + n after signal n.
 *
 * @param args arguments of `dvc repro`
 * @returns the line that a person reads; nothing where DVC has said what went wrong
 * @throws ConfigError if params.yaml or an argument is not valid; DataError if another DVC runs, data/ holds other images than
 * the pinned ones, or the disk of DVC's cache is full; GateError if the gate is missed; WeightsError if weights that a training
 * needs cannot be had, after the others have run
 */
export async function reproduce(args: readonly string[]): Promise<string | undefined> {
  const params = await loadParams()
  const configurations = Object.keys(params.models)
  const isDry = args.includes('--dry')
  if (!isDry) await requireNoDvc('`npm run repro`', EXPERIMENT)
  const restored = await recover()
  if (restored !== undefined) console.error(`repro: ${restored}`)
  const pipeline = tryReading(readPipeline)
  checkTargets(
    args,
    pipeline?.stages.map(({ name }) => name),
  )
  if (isDry && pipeline) return plan(pipeline, args)
  await makeCacheFolder()
  const record = async () => print(await recordNew(configurations))
  await checkPinned()
  await Promise.all([readTestSet(), readExclusions()]) // a fault is reported before DVC starts
  await removeStaleConfigurations(configurations)
  await record()
  const isWhole = args.every((arg) => WHOLE.includes(arg))
  const endsInGate = args.every((arg) => arg === 'gate' || arg.startsWith('-'))
  const isTraining = expectsTraining(args)
  const training = isWhole && isTraining
  for (const shortage of training ? await findShortages(params) : []) console.error(`repro: ${shortage}`)
  const missing = pipeline && isTraining ? await findMissingWeights(pipeline, args, params.models) : []
  const now = missing.length > 0 && pipeline ? withoutMissing(pipeline, args, missing) : args
  const isPart = missing.length > 0
  let ended = await startDvc(training && !isPart ? [...args, 'evaluate'] : now, endsInGate && !isTraining)
  const isNew = await record()
  if (isWhole && !isPart && (training || isNew) && ended.outcome !== undefined) {
    ended = await startDvc([...args, '--single-item', 'report', 'gate'], true)
  }
  await forgetGone()
  await keepLock()
  if (isPart && ended.outcome !== undefined) throw new WeightsError(describeMissing(missing))
  if (ended.outcome === undefined) await expectRoomInCache()
  if (ended.outcome === undefined && endsInGate) await endWithMiss()
  for (const line of ended.omittedErrors) console.error(line)
  return ended.outcome
}

/**
 * The arguments without the configurations whose weights are missing, which a line names.
 *
 * @throws WeightsError where nothing else was asked for
 */
function withoutMissing(pipeline: Pipeline, args: readonly string[], missing: readonly MissingWeights[]): string[] {
  const targets = targetsWithout(pipeline, args, missing)
  if (targets.length === 0) throw new WeightsError(describeMissing(missing))
  const names = missing.map(({ configuration }) => configuration).join(', ')
  console.error(
    `repro: no weights for ${names}: not trained; the others are, without report and gate. What to do is said at the end.`,
  )
  return [...args.filter((arg) => arg.startsWith('-')), ...targets]
}

/** Prints what would run; leaves the answer to DVC if options change it. */
async function plan(pipeline: Pipeline, args: readonly string[]): Promise<string | undefined> {
  const options = args.filter((arg) => arg.startsWith('-') && arg !== '--dry')
  if (!options.every((option) => FORCE.includes(option))) return (await startDvc(args)).outcome
  const targets = args.filter((arg) => !arg.startsWith('-'))
  for (const line of describePlan(pipeline, targets, { isForced: options.length > 0 })) console.log(line)
  return undefined
}

/** @throws GateError where the gate is the stage that failed; its own message, above DVC's lines, says what to do */
async function endWithMiss(): Promise<void> {
  const stale = tryReading(() => freshnessOf(readPipeline()).stages.filter(({ changes }) => changes.length > 0))
  if (process.exitCode !== 1 || stale === undefined || !stale.every(({ name }) => name === 'gate')) return
  const { gate } = await readJudged(await loadParams())
  if (gate.misses.length === 0) return
  throw new GateError(
    `The gate is missed: ${nameMisses(gate)}. What to do is above; the results are in ${paths.resultsReadme}.`,
  )
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

/** @param isVerdict whether a verdict of the gate follows, so that DVC's line about its failure is left out */
async function startDvc(args: readonly string[], isVerdict = false) {
  const omitErrors = isVerdict ? GATE_FAILED : undefined
  const { exitCode, output, omittedErrors } = await runDvc(['repro', ...args], { omit: NOISE, omitErrors })
  process.exitCode = exitCode === DVC_FAILED ? 1 : exitCode
  const outcome = output.includes(UP_TO_DATE) ? 'everything is up to date' : 'done'
  return { outcome: exitCode === 0 ? outcome : undefined, omittedErrors }
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
 * Removes the entries of stages that dvc.yaml no longer has from dvc.lock, and returns their names. The others get the order
 * of dvc.yaml, so that going back to other data gives the same file as before.
 *
 * DVC itself keeps the old entries for good, and appends new ones: it only writes the entry of a stage that ran.
 *
 * @throws BrokenError when a file of the pipeline cannot be read; then nothing has changed
 */
export async function forgetGoneStages(root = '.'): Promise<string[]> {
  const pipeline = readPipeline(openCheckout(root))
  const gone = leftoversOf(pipeline)
  const names = pipeline.stages.map(({ name }) => name).filter((name) => pipeline.lock.has(name))
  if (names.join() === [...pipeline.lock.keys()].join()) return []
  const file = join(root, paths.dvcLock)
  await writeFileAtomically(file, keepStages(readText(file) ?? '', names))
  return gone
}
