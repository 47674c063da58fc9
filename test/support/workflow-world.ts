import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Ground } from './act.ts'
import { type Clone, cloneCheckout, commit } from './clone.ts'
import { type GitHubServer, startGitHub } from './github-server.ts'
import { type S3, S3_SERVER, startS3 } from './s3.ts'
import { S3_KEYS } from './s3-request.ts'
import { makeTiny } from './tiny.ts'

const BUCKET = 'paddock'

/** A bare repository, GitHub's API, an S3 server, and a person with a clone. */
export interface World {
  readonly ground: Ground
  readonly person: Clone
  readonly github: GitHubServer
  readonly s3: S3
  /** A file that only something which ran a word as a command would make. */
  readonly trap: string
  readonly wasTrapped: () => boolean
  /** Commits what the person changed and pushes it to a branch; gives the commit. */
  push(branch: string, title: string): Promise<string>
  /** Brings the branch as the workflows left it into the person's clone. */
  pull(branch: string): Promise<void>
  /** What git says of the bare repository. */
  git(...args: string[]): Promise<string>
  objects(): Promise<string[]>
  close(): Promise<void>
}

/** The smallest run with two configurations: 42 images of 48 px, networks of MobileNet 0.25, an epoch. */
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
    objects: () => s3.keys(BUCKET),
    close: async () => {
      await Promise.all([github.close(), s3.close(), person.remove()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The payload of a pull request, as far as the workflows read it. */
export function pullRequest(head: string, base: string, from = 'tester/images') {
  return {
    pull_request: {
      number: 7,
      head: { sha: head, ref: 'change', repo: { full_name: from, fork: from !== 'tester/images' } },
      base: { sha: base, ref: 'main', repo: { full_name: 'tester/images' } },
    },
  }
}

/** Whether the tools of these tests are there; CI installs them first. */
export const hasCiTools = ['.paddock/ci-tools/act', S3_SERVER].every((program) => existsSync(program))
