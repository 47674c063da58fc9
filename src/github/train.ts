import { ConfigError } from '../core/errors.ts'
import { readFreshness } from '../dvc/freshness.ts'
import { literal } from '../review/literal.ts'
import { carryingCheckpoints } from './carry-checkpoints.ts'
import { dvc, dvcPush } from './dvc.ts'
import { applyInputs, readRunner } from './inputs.ts'
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

/** Trains and evaluates the configurations of one matrix entry, pushing each to the remote as soon as it is done. */
export async function trainOne(environment: Environment = process.env): Promise<string> {
  const config = environment.CONFIG ?? ''
  if (config.trim() === '')
    throw new ConfigError('Expected CONFIG, received nothing. Set it to an entry of the matrix.')
  const { names } = await applyInputs(config, environment.SEED)
  for (const name of names) {
    await carryingCheckpoints(name, () => dvc(['repro', '--pull', `evaluate@${name}`]))
    await dvcPush('--run-cache', `train@${name}`, `evaluate@${name}`)
  }
  return `${names.join(', ')} trained, evaluated and pushed`
}
