import { cp, mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { DVC } from '../core/dvc-environment.ts'
import { DataError } from '../core/errors.ts'
import { exists, temporaryName } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { openCheckout } from '../dvc/checkout.ts'
import { freshnessOf } from '../dvc/freshness.ts'
import { readPipeline } from '../dvc/pipeline.ts'
import { runDvc } from '../dvc/run.ts'
import { chosenOf } from '../gate/gate.ts'
import { requireRepository } from '../git/read.ts'
import { metricsOf } from '../scores/results.ts'
import { InterruptedError } from '../train/interruption.ts'
import { reportedIn } from './reported.ts'

/**
 * Trains and evaluates a configuration again, from the commit in a git worktree, and compares its outs with dvc.lock.
 *
 * Starts from the cached outs of augment, with checkpoints and features of its own. The checkout, DVC's cache and its run cache
 * stay as they are.
 *
 * @returns the line that a person reads
 * @throws DataError when an out differs, or when the data is not in the cache
 */
export async function certify(config: string): Promise<string> {
  await requireRepository()
  const folder = resolve(temporaryName('.paddock/certify'))
  await mkdir('.paddock', { recursive: true })
  await execa('git', ['worktree', 'add', '--detach', '--quiet', folder, 'HEAD'])
  try {
    const { stdout: commit } = await execa('git', ['rev-parse', '--short', 'HEAD'])
    const differences = await retrain(config, folder)
    if (differences.length === 0) return `${config} of ${commit} is identical`
    throw new DataError(
      `${config} of ${commit} does not come out identical. Another kind of processor gives other bytes; so does a training that \`npm run finish\` ended.\n${differences.map((line) => `  ${line}`).join('\n')}`,
    )
  } finally {
    await execa('git', ['worktree', 'remove', '--force', folder], { reject: false })
    await rm(folder, { recursive: true, force: true })
  }
}

/** The configuration that the gate chose, by results/. @throws DataError before report has run */
export async function readChosen(): Promise<string> {
  const chosen = chosenOf(metricsOf(reportedIn(openCheckout('.'))))
  if (chosen !== undefined) return chosen
  throw new DataError(
    `Expected metrics in ${paths.resultsMetrics}, received none. Run \`npm run repro\`, or name --config.`,
  )
}

async function retrain(config: string, folder: string): Promise<string[]> {
  const stages = [`train@${config}`, `evaluate@${config}`]
  await shareCache(folder)
  await dvc(folder, ['checkout', '--quiet', '--force', 'split', 'augment', `train@${config}`], CHECKOUT_REMEDY)
  const before = readPipeline(openCheckout(folder))
  const stale = freshnessOf(before).stages.find(({ name, changes }) => stages.includes(name) && changes.length > 0)
  if (stale)
    throw new DataError(`${stale.name} of HEAD is stale, see \`npm run verify\`. Run \`npm run repro\` and commit.`)
  const model = await readModel(join(folder, paths.model(config)))
  await dvc(folder, ['repro', '--force', '--no-run-cache', '--no-commit', '--single-item', ...stages], 'See above.')
  const { lock } = readPipeline(openCheckout(folder))
  const changed = stages.flatMap((stage) => {
    const outs = before.lock.get(stage)?.outs ?? []
    return outs.filter(({ path, md5 }) => lock.get(stage)?.outs.find((out) => out.path === path)?.md5 !== md5)
  })
  const weights = weightsDifference(model, await readModel(join(folder, paths.model(config))))
  return changed.map(({ path }) =>
    path === paths.model(config) && weights ? `${path}: ${weights}` : `${path} differs`,
  )
}

const CHECKOUT_REMEDY = 'The images or the model are not in the cache. Run `npm run dvc -- pull`, or `npm run repro`.'

/** Lets the worktree use the checkout's DVC cache, wherever that is. */
async function shareCache(folder: string): Promise<void> {
  const local = '.dvc/config.local'
  if (await exists(local)) await cp(local, join(folder, local))
  const cache = await execa(DVC, ['cache', 'dir'])
  await dvc(folder, ['config', '--quiet', '--local', 'cache.dir', resolve(cache.stdout.trim())], 'See above.')
}

/** @throws DataError with the remedy when DVC fails; InterruptedError after a signal */
async function dvc(folder: string, args: readonly string[], remedy: string): Promise<void> {
  const own = join(folder, '.paddock')
  const environment = {
    ...process.env,
    PADDOCK_CHECKPOINTS: join(own, 'checkpoints'),
    PADDOCK_FEATURES: join(own, 'features'),
  }
  const { exitCode, signal } = await runDvc(args, { folder, environment })
  if (signal) throw new InterruptedError(`${signal}. Nothing was changed.`, signal)
  if (exitCode !== 0) throw new DataError(`\`dvc ${args[0]}\` failed with exit code ${exitCode}. ${remedy}`)
}

/** A saved model: the text of model.json and the bytes of weights.bin. */
export interface ModelFiles {
  readonly topology: string
  readonly weights: Uint8Array
}

async function readModel(folder: string): Promise<ModelFiles> {
  return {
    topology: await readFile(join(folder, 'model.json'), 'utf8'),
    weights: await readFile(join(folder, 'weights.bin')),
  }
}

type WeightSpec = { readonly name: string; readonly shape: readonly number[] }

/** First differing weight tensor of two models with the same layers, in one line; undefined where all bytes are equal. */
export function weightsDifference(first: ModelFiles, second: ModelFiles): string | undefined {
  if (Buffer.compare(first.weights, second.weights) === 0) return undefined
  const specs = specsOf(first.topology)
  if (JSON.stringify(specs) !== JSON.stringify(specsOf(second.topology))) return 'the layers differ'
  const [before, after] = [floatsOf(first.weights), floatsOf(second.weights)]
  let start = 0
  const differing = specs.flatMap(({ name, shape }) => {
    const size = shape.reduce((product, side) => product * side, 1)
    const distances = [...before.subarray(start, start + size)].map((value, place) =>
      Math.abs(value - (after[start + place] ?? Number.NaN)),
    )
    start += size
    const count = distances.filter((distance) => !(distance === 0)).length
    return count > 0 ? [{ name, count, size, largest: distances.reduce((a, b) => Math.max(a, b), 0) }] : []
  })
  const [earliest] = differing
  if (earliest === undefined) return 'the number of bytes differs'
  const { name, count, size, largest } = earliest
  return `first in ${name}: ${count} of ${size} numbers, by ${largest.toPrecision(3)} at most; ${differing.length} of ${specs.length} tensors differ`
}

function specsOf(topology: string): WeightSpec[] {
  const { weightsManifest } = JSON.parse(topology) as { weightsManifest: { weights: WeightSpec[] }[] }
  return weightsManifest.flatMap(({ weights }) => weights.map(({ name, shape }) => ({ name, shape })))
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const whole = bytes.slice(0, bytes.length - (bytes.length % 4))
  return new Float32Array(whole.buffer)
}
