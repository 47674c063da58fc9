import { loadParams } from '../../command-line/params.ts'
import { ConfigError } from '../../core/errors.ts'
import { pushStages, runStep } from './dvc-step.ts'
import { type Environment, readConfigurations, readSeed } from './inputs.ts'
import { applySeed } from './seed.ts'

/** Trains and evaluates the configurations of one job, and sends each to the remote as soon as it is there. */
export async function trainOne(environment: Environment = process.env): Promise<string> {
  const config = environment.CONFIG ?? ''
  if (config.trim() === '')
    throw new ConfigError('Expected CONFIG, received nothing. Give it one string of the matrix.')
  const seed = readSeed(environment.SEED)
  const names = readConfigurations(config, await loadParams())
  await applySeed(names, seed)
  for (const name of names) {
    await runStep(['repro', '--pull', `evaluate@${name}`])
    await pushStages('--run-cache', `train@${name}`, `evaluate@${name}`)
  }
  return `${names.join(', ')} trained, evaluated and pushed`
}
