import { loadParams } from '../../command-line/params.ts'
import { readStaleness } from '../../dvc/read-staleness.ts'
import { literal } from '../../review/literal.ts'
import { appendSummary, writeOutputs } from '../job.ts'
import { pushStages, runStep } from './dvc-step.ts'
import { type Environment, readConfigurations, readSeed } from './inputs.ts'
import { applySeed } from './seed.ts'

/** Jobs of a matrix; more are refused by GitHub. */
const JOBS = 256

/** Brings the data of all configurations into the remote, and says which of them are stale: the jobs to come. */
export async function plan(environment: Environment = process.env): Promise<string> {
  const params = await loadParams()
  const seed = readSeed(environment.SEED)
  const names = readConfigurations(environment.CONFIGURATIONS, params)
  await applySeed(names, seed)
  await runStep(['repro', '--pull', 'augment'])
  await pushStages('--run-cache', '--with-deps', 'augment')
  const { staleConfigurations } = await readStaleness()
  const stale = staleConfigurations.filter((name) => names.includes(name))
  await writeOutputs({ matrix: JSON.stringify(matrixOf(stale)), count: stale.length }, environment)
  const seeded = seed === undefined ? '' : ` with seed ${seed}`
  const sentence = stale.length > 0 ? `To train${seeded}: ${stale.map(literal).join(', ')}.` : 'Nothing to train.'
  await appendSummary(`### Plan\n\n${sentence}`, '', environment)
  return stale.length > 0 ? `to train${seeded}: ${stale.join(', ')}` : 'nothing to train'
}

/** The jobs: one a configuration, or as many as a matrix holds with about as many configurations in each. */
export function matrixOf(names: readonly string[], jobs = JOBS): string[] {
  const count = Math.min(jobs, names.length)
  return Array.from({ length: count }, (_, job) => names.filter((_name, place) => place % count === job).join(' '))
}
