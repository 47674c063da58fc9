import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Ground } from './act.ts'
import { type Clone, cloneAt, cloneCheckout, commit, type Outcome } from './clone.ts'
import { type GitHubServer, startGitHub } from './github-server.ts'
import { type S3, S3_SERVER, startS3 } from './s3.ts'
import { S3_KEYS } from './s3-request.ts'
import { makeTiny } from './tiny.ts'

const BUCKET = 'paddock'

/** The outcome of one step, run without a workflow. */
export interface StepOutcome extends Outcome {
  readonly summary: string
}

/** A bare repository, a GitHub server, an S3 server, and a person with a clone. */
export interface World {
  readonly ground: Ground
  readonly person: Clone
  readonly github: GitHubServer
  readonly s3: S3
  /** A file that exists only if something ran hostile text as a command. */
  readonly trap: string
  readonly wasTrapped: () => boolean
  /** Commits the person's changes and pushes them to a branch. Returns the commit. */
  push(branch: string, title: string): Promise<string>
  /** Updates the person's clone to the branch. */
  pull(branch: string): Promise<void>
  /** Runs `npm run ci -- STEP` in a fresh clone of a branch, in the environment of a workflow. */
  runStep(step: string, branch: string, environment?: Readonly<Record<string, string>>): Promise<StepOutcome>
  /** Runs git in the bare repository. */
  git(...args: string[]): Promise<string>
  /** The keys of all objects in the remote. */
  objects(): Promise<string[]>
  close(): Promise<void>
}

/** The smallest run with two configurations: 42 images of 48 px, two networks MobileNet 0.25, one epoch. */
export const WORLD_PARAMS = {
  seed: 1,
  fetch: { source: 'sample', maxRejected: 0.02, imagesPerClass: 12, testImagesPerClass: 2, size: 48 },
  'image.size': 48,
  'train.epochs': 1,
  'train.ema': null,
  'evaluate.bootstrapSamples': 100,
  'checkpoint.everyEpochs': 1,
  'gate.validation': 0,
  'gate.test': 0,
  'gate.minValidationImages': 1,
  'gate.minTestImages': 1,
  models: {
    first: { architecture: 'mobilenet', mode: 'zero', width: 0.25 },
    second: { architecture: 'mobilenet', mode: 'zero', width: 0.25, learningRate: 0.003 },
  },
} as const

export async function makeWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-world-'))
  const origin = join(folder, 'images.git')
  const trap = join(folder, 'trapped')
  const [github, s3, person] = await Promise.all([startGitHub(), startS3(BUCKET), cloneCheckout()])
  await makeTiny(person, WORLD_PARAMS)
  const config = [
    '    remote = storage', // the committed file ends with its section [core]
    '[\'remote "storage"\']',
    `url = s3://${BUCKET}/cache`,
  ]
  const more = [`endpointurl = ${s3.endpoint}`, 'verify = true']
  await person.write('.dvc/config', `${await person.read('.dvc/config')}${[...config, ...more].join('\n')}\n`)
  await execa('git', ['init', '--quiet', '--bare', origin])
  await person.git('remote', 'add', 'origin', origin)
  await mkdir(join(folder, 'runner'))
  const ground: Ground = {
    folder,
    origin,
    secrets: { ...S3_KEYS, GITHUB_TOKEN: 'a-token' },
    env: {
      GITHUB_API_URL: github.url,
      AWS_DEFAULT_REGION: 'us-east-1',
      PADDOCK_CHECKPOINTS: join(folder, 'runner/checkpoints'),
      PADDOCK_FEATURES: join(folder, 'runner/features'),
      PADDOCK_TEST_WITHOUT_GPU: '1',
      ...(process.env.PADDOCK_CACHE && { PADDOCK_CACHE: process.env.PADDOCK_CACHE }),
    },
  }
  const git = async (...args: string[]) => (await execa('git', args, { cwd: origin })).stdout
  return {
    ground,
    person,
    github,
    s3,
    trap,
    wasTrapped: () => existsSync(trap),
    push: async (branch, title) => {
      await commit(person)
      await person.git(
        '-c',
        'user.name=test',
        '-c',
        'user.email=test@example.invalid',
        'commit',
        '--quiet',
        '--amend',
        '--message',
        title,
      )
      await person.git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`)
      return person.git('rev-parse', 'HEAD')
    },
    pull: async (branch) => {
      await person.git('fetch', '--quiet', 'origin', `refs/heads/${branch}`)
      await person.git('reset', '--quiet', '--hard', 'FETCH_HEAD')
    },
    git,
    runStep: async (step, branch, environment = {}) => {
      const clone = await cloneAt(origin)
      await clone.git('checkout', '--quiet', '--detach', `refs/remotes/origin/${branch}`) // DVC cannot read its name in .git/config
      const files = { GITHUB_STEP_SUMMARY: join(folder, 'summary'), GITHUB_OUTPUT: join(folder, 'output') }
      for (const file of Object.values(files)) await writeFile(file, '')
      const { exitCode, all } = await execa(process.execPath, ['commands/ci.ts', step], {
        cwd: clone.root,
        env: {
          ...{
            PATH: process.env.PATH,
            HOME: process.env.HOME,
            GITHUB_REPOSITORY: 'tester/images',
            GITHUB_REF_NAME: branch,
          },
          ...ground.env,
          ...ground.secrets,
          ...files,
          ...environment,
        },
        extendEnv: false,
        all: true,
        reject: false,
        stdin: 'ignore',
      })
      const summary = await readFile(files.GITHUB_STEP_SUMMARY, 'utf8')
      await clone.remove()
      return { exitCode, output: all, summary }
    },
    objects: () => s3.keys(BUCKET),
    close: async () => {
      await Promise.all([github.close(), s3.close(), person.remove()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The payload of a pull request event, as far as the workflows read it. */
export function pullRequest(head: string, base: string, from = 'tester/images') {
  return {
    pull_request: {
      number: 7,
      head: { sha: head, ref: 'change', repo: { full_name: from, fork: from !== 'tester/images' } },
      base: { sha: base, ref: 'main', repo: { full_name: 'tester/images' } },
    },
  }
}

/** Whether the tools of these tests are installed: `npm run setup -- --ci-tools`. */
export const hasCiTools = ['.paddock/ci-tools/act', S3_SERVER].every((program) => existsSync(program))
