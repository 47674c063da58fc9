import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { parse, stringify } from 'yaml'
import { paths } from '../../src/core/paths.ts'
import { writeMetrics } from '../../src/scores/metrics.ts'
import { writeAnswers } from '../../src/scores/results.ts'
import { evaluationOf, metricsOf, type Taken } from '../evaluate/scored.ts'

/** A repository of parameters and results alone, in a folder of its own, which becomes the current one. */
export interface Repository {
  readonly root: string
  /** Writes a file, or removes it. */
  write(path: string, content: string | undefined): Promise<void>
  /** Writes results: what each configuration took each image for. */
  writeResults(taken: Readonly<Record<string, Taken>>): Promise<void>
  /** Commits everything under a branch's name. Gives the hash. */
  commit(branch: string): Promise<string>
  git(...args: string[]): Promise<string>
  remove(): Promise<void>
}

export const GATE = {
  validation: 0.5,
  test: 0.5,
  minValidationImages: 1,
  minTestImages: 1,
  regression: { alpha: 0.05, minImages: 10 },
}

const USER = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', '-c', 'commit.gpgsign=false']

/** The sample's parameters with a gate that is easy to pass, and a single configuration. */
export async function sampleParams(changes: object = {}): Promise<string> {
  const sample = parse(await readFile(new URL('../../profiles/sample.yaml', import.meta.url), 'utf8'))
  const models = { net: { architecture: 'original', mode: 'zero' } }
  return stringify({ ...sample, gate: GATE, models, ...changes })
}

export async function makeRepository(): Promise<Repository> {
  const root = await mkdtemp(join(tmpdir(), 'paddock-review-'))
  const git = async (...args: string[]) => (await execa('git', [...USER, ...args], { cwd: root })).stdout
  await git('init', '--quiet', '--initial-branch', 'start')
  await git('commit', '--quiet', '--allow-empty', '--message', 'start')
  const repository: Repository = {
    root,
    git,
    async write(path, content) {
      const file = join(root, path)
      if (content === undefined) return rm(file, { recursive: true, force: true })
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
    },
    async writeResults(taken) {
      await rm(join(root, paths.results), { recursive: true, force: true })
      for (const [name, ofOne] of Object.entries(taken)) {
        await writeMetrics(join(root, paths.resultsMetrics, `${name}.json`), metricsOf(ofOne))
      }
      const answers = Object.entries(taken).map(([name, ofOne]) => [name, evaluationOf(ofOne).images] as const)
      await writeAnswers(join(root, paths.resultsPredictions), Object.fromEntries(answers))
    },
    async commit(branch) {
      await git('checkout', '--quiet', '-B', branch)
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', '--message', branch)
      const hash = await git('rev-parse', 'HEAD')
      await git('checkout', '--quiet', '--detach')
      await git('commit', '--quiet', '--allow-empty', '--message', 'elsewhere')
      return hash
    },
    remove: () => rm(root, { recursive: true, force: true }),
  }
  return repository
}

/** What a model took images for: a few of each class that it reads, and cats of the holdout set, a letter each. */
export function takenWith(holdout: string): Taken {
  const read = { cat: 'cc', dog: 'dd', horse: 'hh' }
  return { validation: read, test: read, holdout: { cat: holdout, dog: 'd', horse: 'h' } }
}
