import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { beforeAll } from 'vitest'
import { parse, stringify } from 'yaml'
import { paths } from '../../src/core/paths.ts'
import { measure } from '../../src/evaluate/measure.ts'
import { writeConfusion } from '../../src/scores/confusion.ts'
import { writeMetrics } from '../../src/scores/metrics.ts'
import type { Prediction } from '../../src/scores/predictions.ts'
import { writeAnswers } from '../../src/scores/results.ts'
import { metricsOf, predictionsOf, type Taken } from '../evaluate/scored.ts'
import { writeConsistentResults } from '../support/consistent-results.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A git repository that holds only parameters, results and a pipeline without stages. */
export interface Repository {
  readonly root: string
  /** Hashes by branch. */
  readonly commits: Readonly<Record<string, string>>
  /** Writes a file, or removes it. */
  write(path: string, content: string | undefined): Promise<void>
  /** Writes the results of configurations, and all that follows from them and from params.yaml. */
  writeResults(taken: Readonly<Record<string, Taken | readonly Prediction[]>>): Promise<void>
  /** Commits everything as a branch, then checks out another commit. Returns the hash. */
  commit(branch: string): Promise<string>
  git(...args: string[]): Promise<string>
}

export const GATE = {
  validation: 0.5,
  test: 0.5,
  minValidationImages: 1,
  minTestImages: 1,
  regression: { alpha: 0.05, minImages: 10 },
}

const CLASSES = ['cat', 'dog', 'horse']

const USER = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', '-c', 'commit.gpgsign=false']

/** The sample's parameters with a gate that is easy to pass, and a single configuration. */
export async function sampleParams(changes: object = {}): Promise<string> {
  const sample = parse(await readFile(new URL('../../profiles/sample.yaml', import.meta.url), 'utf8'))
  const models = { net: { architecture: 'original', mode: 'zero' } }
  return stringify({ ...sample, gate: GATE, models, ...changes })
}

/** A repository with one branch for each result of the configuration `net`; the working directory of every test in the file. */
export function repositoryWith(branches: Readonly<Record<string, Taken>>): Repository {
  const folder = temporaryFolder({ per: 'file', enter: true })
  const commits: Record<string, string> = {}
  const git = async (...args: string[]) => (await execa('git', [...USER, ...args], { cwd: folder.path })).stdout
  const repository: Repository = {
    get root() {
      return folder.path
    },
    commits,
    git,
    async write(path, content) {
      const file = join(folder.path, path)
      if (content === undefined) return rm(file, { recursive: true, force: true })
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
    },
    async writeResults(taken) {
      await rm(join(folder.path, paths.results), { recursive: true, force: true })
      const evaluations = Object.entries(taken).map(([name, ofOne]) => {
        const predictions = Array.isArray(ofOne) ? ofOne : predictionsOf(ofOne as Taken)
        return [name, measure(predictions, { classes: CLASSES, seed: 1, bootstrapSamples: 100 })] as const
      })
      for (const [name, { metrics, confusion }] of evaluations) {
        const trained = { train_images_per_class: new Map(CLASSES.map((label) => [label, 2])) }
        await writeMetrics(
          join(folder.path, paths.resultsMetrics, `${name}.json`),
          metricsOf({}, { ...metrics, ...trained }),
        )
        await writeConfusion(join(folder.path, paths.resultsConfusion, `${name}.csv`), confusion)
      }
      const answers = evaluations.map(([name, { images }]) => [name, images] as const)
      await writeAnswers(join(folder.path, paths.resultsPredictions), Object.fromEntries(answers))
      await writeConsistentResults(folder.path)
    },
    async commit(branch) {
      await git('checkout', '--quiet', '-B', branch)
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', '--message', branch)
      const hash = await git('rev-parse', 'HEAD')
      await git('checkout', '--quiet', '--detach')
      await git('commit', '--quiet', '--allow-empty', '--message', 'elsewhere')
      commits[branch] = hash
      return hash
    },
  }
  beforeAll(async () => {
    await git('init', '--quiet', '--initial-branch', 'start')
    await repository.write('dvc.yaml', 'stages: {}\n')
    await git('commit', '--quiet', '--allow-empty', '--message', 'start')
    for (const [branch, taken] of Object.entries(branches)) {
      await repository.write('params.yaml', await sampleParams())
      await repository.writeResults({ net: taken })
      await repository.commit(branch)
    }
  })
  return repository
}

/** Predictions by a model that reads validation and test correctly; `holdout` has one letter for each cat in holdout. */
export function takenWith(holdout: string): Taken {
  const read = { cat: 'cc', dog: 'dd', horse: 'hh' }
  return { validation: read, test: read, holdout: { cat: holdout, dog: 'd', horse: 'h' } }
}
