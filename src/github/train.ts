import { loadParams } from '../command-line/params.ts'
import { ConfigError, messageOf } from '../core/errors.ts'
import { readFreshness } from '../dvc/freshness.ts'
import { certify, readChosen } from '../review/certify.ts'
import { literal } from '../review/literal.ts'
import { carryingCheckpoints } from './carry-checkpoints.ts'
import { DvcError, dvc, dvcPush } from './dvc.ts'
import { applyInputs, readConfigurations, readRunner } from './inputs.ts'
import { appendSummary, type Environment, writeOutputs } from './job.ts'

/** The most jobs that GitHub allows in a matrix. */
const MAX_JOBS = 256

/** Pushes the data of all configurations to the remote and outputs the matrix of training jobs: the stale configurations. */
export async function plan(environment: Environment = process.env): Promise<string> {
  const { runsOn, gpu } = readRunner(environment.PADDOCK_RUNNER)
  const { names, seed } = await applyInputs(environment.CONFIGURATIONS, environment.SEED)
  await dvc(['repro', '--pull', 'augment'])
  await dvcPush('--run-cache', '--with-deps', 'augment')
  const { staleConfigurations } = readFreshness()
  const stale = staleConfigurations.filter((name) => names.includes(name))
  const outputs = { matrix: JSON.stringify(matrixOf(stale)), count: stale.length, runner: JSON.stringify(runsOn), gpu }
  await writeOutputs(outputs, environment)
  const seeded = seed === undefined ? '' : ` with seed ${seed}`
  const sentence = stale.length > 0 ? `To train${seeded}: ${stale.map(literal).join(', ')}.` : 'Nothing to train.'
  await appendSummary(`### Plan\n\n${sentence}`, '', environment)
  return stale.length > 0 ? `to train${seeded}: ${stale.join(', ')}` : 'nothing to train'
}

/** The entries of the matrix, each with one configuration, or with several, separated by spaces, if there are more than `jobs`. */
export function matrixOf(names: readonly string[], jobs = MAX_JOBS): string[] {
  const count = Math.min(jobs, names.length)
  return Array.from({ length: count }, (_, job) => names.filter((_name, index) => index % count === job).join(' '))
}

/**
 * Trains and evaluates the configurations of one matrix entry, pushing each to the remote as soon as it is done.
 *
 * Between a training and its push nothing needs the remote, whose keys may have expired by then. A push that fails only warns:
 * `pushOne` pushes again, with fresh keys.
 */
export async function trainOne(environment: Environment = process.env): Promise<string> {
  const names = await entryOf(environment)
  for (const name of names) {
    await carryingCheckpoints(name, () => dvc(['repro', '--pull', `train@${name}`]))
    await dvc(['repro', '--single-item', `evaluate@${name}`])
    await push([name]).catch((error: unknown) => {
      if (!(error instanceof DvcError) || error.exitCode !== 1) throw error
      console.error(`train-one: ${name} is not on the remote yet; the next step tries again, with fresh keys`)
    })
  }
  return `${names.join(', ')} trained and evaluated`
}

/** Pushes what `trainOne` made to the remote; what arrived earlier is not sent again. */
export async function pushOne(environment: Environment = process.env): Promise<string> {
  const names = await entryOf(environment)
  await push(names)
  return `${names.join(', ')} pushed`
}

async function entryOf({ CONFIG = '', SEED }: Environment): Promise<string[]> {
  if (CONFIG.trim() === '')
    throw new ConfigError('Expected CONFIG, received nothing. Set it to an entry of the matrix.')
  return (await applyInputs(CONFIG, SEED)).names
}

async function push(names: readonly string[]): Promise<void> {
  await dvcPush('--run-cache', ...names.flatMap((name) => [`train@${name}`, `evaluate@${name}`]))
}

/** Trains a configuration again, the chosen one by default, from what the remote has. @throws DataError if it comes out different */
export async function certifyOne(environment: Environment = process.env): Promise<string> {
  const { CONFIGURATION = '' } = environment
  const { models } = await loadParams()
  const [name = ''] = CONFIGURATION.trim() === '' ? [await readChosen()] : readConfigurations(CONFIGURATION, { models })
  await dvc(['pull', 'split', 'augment', `train@${name}`])
  const say = (mark: string, line: string) => appendSummary(`### ${mark} Certify\n\n${literal(line)}`, '', environment)
  try {
    const line = await certify(name)
    await say('✅', line)
    return line
  } catch (error) {
    await say('❌', messageOf(error))
    throw error
  }
}
