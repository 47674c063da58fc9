import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { type Clone, cloneAt, commit, type Outcome } from './clone.ts'

/** The outcome of a step of a workflow. */
export interface JobOutcome extends Outcome {
  readonly summary: string
  readonly outputs: Readonly<Record<string, string>>
}

/** A bare git repository and a DVC remote, both in folders. */
export interface Origin {
  readonly root: string
  /** The bare repository. */
  readonly git: string
  /** A fresh clone of a branch, as on a runner. */
  checkOut(branch: string): Promise<Clone>
  /** Commits the changes in a clone and pushes them to a branch. Returns the hash. */
  push(clone: Clone, branch: string): Promise<string>
  /** The hash of a branch. */
  tip(branch: string): Promise<string>
  remove(): Promise<void>
}

/** Makes both from a clone, and pushes it to a branch. */
export async function makeOrigin(clone: Clone, branch: string): Promise<Origin> {
  const root = await mkdtemp(join(tmpdir(), 'paddock-origin-'))
  const git = join(root, 'repository.git')
  await execa('git', ['init', '--quiet', '--bare', git])
  const config = await clone.read('.dvc/config')
  const remote = `['remote "storage"']\n    url = ${join(root, 'storage')}\n    verify = true\n`
  await clone.write('.dvc/config', `${config.replace('[core]\n', '[core]\n    remote = storage\n')}${remote}`)
  const origin: Origin = {
    root,
    git,
    checkOut: (name) => cloneAt(git, name),
    async push(from, name) {
      await commit(from)
      await from.git('push', '--quiet', git, `HEAD:refs/heads/${name}`)
      return from.git('rev-parse', 'HEAD')
    },
    tip: async (name) => (await execa('git', ['rev-parse', `refs/heads/${name}`], { cwd: git })).stdout,
    remove: () => rm(root, { recursive: true, force: true }),
  }
  await origin.push(clone, branch)
  return origin
}

/** Runs `npm run ci -- STEP` in a clone, in the environment of a workflow. */
export async function runJob(
  clone: Clone,
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<JobOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-job-'))
  const files = { GITHUB_STEP_SUMMARY: join(folder, 'summary'), GITHUB_OUTPUT: join(folder, 'output') }
  for (const file of Object.values(files)) await writeFile(file, '')
  const { exitCode, all } = await execa(process.execPath, ['commands/ci.ts', name], {
    cwd: clone.root,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PADDOCK_CACHE: process.env.PADDOCK_CACHE,
      PADDOCK_CHECKPOINTS: join(clone.root, '.paddock/checkpoints'),
      PADDOCK_FEATURES: join(clone.root, '.paddock/features'),
      GITHUB_REPOSITORY: 'horses/paddock',
      GITHUB_RUN_ID: '42',
      GITHUB_SERVER_URL: 'https://github.test',
      ...files,
      ...environment,
    },
    extendEnv: false,
    all: true,
    reject: false,
    stdin: 'ignore',
  })
  const outcome = {
    exitCode,
    output: all,
    summary: await readFile(files.GITHUB_STEP_SUMMARY, 'utf8'),
    outputs: parseOutputs(await readFile(files.GITHUB_OUTPUT, 'utf8')),
  }
  await rm(folder, { recursive: true })
  return outcome
}

/** `name<<end`, the lines of the value, `end`. */
function parseOutputs(text: string): Record<string, string> {
  const matches = text.matchAll(/^([\w-]+)<<(.+)\n([\s\S]*?)\n\2\n/gm)
  return Object.fromEntries([...matches].map(([, name = '', , value = '']) => [name, value]))
}
