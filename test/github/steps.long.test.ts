import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MARKER } from '../../src/github/comment.ts'
import { type Clone, cloneCheckout } from '../support/clone.ts'
import { missingDescription } from '../support/github-description.ts'
import { type GitHubServer, startGitHub } from '../support/github-server.ts'
import { makeOrigin, type Origin, runJob } from '../support/job.ts'
import { makeTiny, TINY_PARAMS } from '../support/tiny.ts'

/** Small enough for two trainings in seconds. */
const PARAMS = {
  ...TINY_PARAMS,
  fetch: { ...TINY_PARAMS.fetch, imagesPerClass: 10, testImagesPerClass: 2, size: 64 },
  'image.size': 64,
  'augment.copies': 0,
  'split.validation': 0.2,
  'split.holdout': 0.2,
  'split.train': 0.6,
  models: {
    first: { architecture: 'mobilenet', mode: 'zero', width: 0.25 },
    second: { architecture: 'mobilenet', mode: 'zero', width: 0.25, learningRate: 0.01 },
  },
}
const BRANCH = 'feature/horses'

describe.skipIf(missingDescription)(missingDescription ?? 'the scripts of the workflows, one after the other', () => {
  const clones: Clone[] = []
  let server: GitHubServer
  let origin: Origin
  let environment: Record<string, string>
  let pushed: string
  let collected: string

  beforeAll(async () => {
    server = await startGitHub()
    environment = { GITHUB_API_URL: server.url, GITHUB_TOKEN: 'ours', GITHUB_REF_NAME: BRANCH }
    const first = await cloneCheckout()
    clones.push(first)
    await makeTiny(first, PARAMS)
    origin = await makeOrigin(first, BRANCH)
    pushed = await origin.tip(BRANCH)
  })
  afterAll(async () => {
    await server.close()
    await Promise.all([...clones, origin].map((each) => each.remove()))
  })

  const checkOut = async (branch = BRANCH) => {
    const clone = await origin.checkOut(branch)
    clones.push(clone)
    return clone
  }
  const checksOf = (sha: string) => server.state.checkRuns.filter((run) => run.head_sha === sha)

  it('plans the configurations that are stale, and takes no input that is none', async () => {
    const clone = await checkOut()
    for (const wrong of ['$(touch pwned)', 'first;touch pwned', '../first', 'first\n"; touch pwned']) {
      const { exitCode, output } = await runJob(clone, 'plan', { ...environment, CONFIGURATIONS: wrong })
      expect(exitCode).toBe(1)
      expect(output).toMatch(/^plan: ConfigError: Expected configurations among first, second, received ".*$/)
    }
    expect((await runJob(clone, 'plan', { ...environment, SEED: '1; touch pwned' })).output).toContain('Expected SEED')
    expect(existsSync(join(clone.root, 'pwned'))).toBe(false)
    const { exitCode, outputs, summary, output } = await runJob(clone, 'plan', environment)
    expect(exitCode, output).toBe(0)
    expect(outputs).toEqual({ matrix: '["first","second"]', count: '2' })
    expect(summary).toContain('To train: `first`, `second`.')
  })

  it('collects nothing that nobody trained, trains it not, and says so on the commit', async () => {
    const { exitCode, output, summary } = await runJob(await checkOut(), 'collect', environment)
    expect(exitCode).toBe(1)
    expect(output).toContain('Expected the results of first in the run cache, received none')
    expect(summary).toContain('The results cannot be collected')
    expect(await origin.tip(BRANCH)).toBe(pushed)
    expect(checksOf(pushed)).toMatchObject([{ name: 'paddock', conclusion: 'failure' }])
  })

  it('trains each configuration on a machine of its own', async () => {
    for (const CONFIG of ['first', 'second']) {
      const { exitCode, output } = await runJob(await checkOut(), 'train-one', { ...environment, CONFIG })
      expect(exitCode, output).toBe(0)
    }
  })

  it('collects them as one commit of dvc.lock and results/, with a passed check', async () => {
    const late = await checkOut()
    const clone = await checkOut()
    const { exitCode, output, outputs, summary } = await runJob(clone, 'collect', environment)
    expect(exitCode, output).toBe(0)
    expect(output).not.toMatch(/^> node .*pipeline\/train/m)
    collected = await origin.tip(BRANCH)
    expect(outputs).toEqual({ sha: collected, committed: 'true', moved: 'false', gate: 'passed' })
    expect(await clone.git('rev-list', `${pushed}..${collected}`)).toBe(collected)
    const files = (await clone.git('diff', '--name-only', pushed, collected)).split('\n')
    expect(files.filter((path) => path !== 'dvc.lock' && !path.startsWith('results/'))).toEqual([])
    expect(await clone.git('log', '-1', '--format=%an: %s', collected)).toBe('github-actions[bot]: Train first, second')
    expect(checksOf(collected)).toMatchObject([
      { name: 'paddock', conclusion: 'success', output: { title: 'Gate passed' } },
    ])
    expect(summary).toContain('## ✅ Gate passed')

    // an older run that comes too late leaves the branch alone
    const second = await runJob(late, 'collect', environment)
    expect(second.exitCode, second.output).toBe(0)
    expect(second.outputs).toMatchObject({ committed: 'false', moved: 'true' })
    expect(await origin.tip(BRANCH)).toBe(collected)
    expect(server.violations).toEqual([])
  })

  it('plans nothing after that, and another seed for the configuration that is named', async () => {
    const clone = await checkOut()
    expect((await runJob(clone, 'plan', environment)).outputs).toEqual({ matrix: '[]', count: '0' })
    const seeded = await runJob(clone, 'plan', { ...environment, CONFIGURATIONS: 'second', SEED: '7' })
    expect(seeded.outputs).toEqual({ matrix: '["second"]', count: '1' })
    expect(await clone.read('params.yaml')).toMatch(/second:\n {4}architecture: mobilenet\n(.*\n)+? {4}seed: 7\n/)
  })

  it('commits a gate that fails, with a failed check that names the line of params.yaml', async () => {
    const clone = await checkOut()
    await clone.set({ 'gate.minValidationImages': 1000 })
    await clone.write('dvc.lock', `${await clone.read('dvc.lock')}  train@gone:\n    cmd: node train.ts\n`)
    const strict = await origin.push(clone, BRANCH)
    const { exitCode, output, outputs } = await runJob(await checkOut(), 'collect', environment)
    expect(exitCode).toBe(1)
    expect(output).toContain('collect: GateError: Expected at least 1,000 validation images')
    const tip = await origin.tip(BRANCH)
    expect(outputs).toEqual({ sha: tip, committed: 'true', moved: 'false', gate: 'failed' })
    expect(tip).not.toBe(strict)
    expect(await (await checkOut()).read('dvc.lock')).not.toContain('gone')
    const line =
      (await clone.read('params.yaml')).split('\n').findIndex((each) => each.includes('minValidationImages')) + 1
    expect(checksOf(tip)).toMatchObject([
      {
        conclusion: 'failure',
        annotations: [
          {
            path: 'params.yaml',
            start_line: line,
            annotation_level: 'failure',
            title: 'gate.minValidationImages missed',
          },
          {},
          {},
        ],
      },
    ])
  })

  it('reviews a pull request in one comment, updated after, and a check run', async () => {
    const clone = await checkOut()
    const head = await origin.tip(BRANCH)
    const event = async (more: object = {}) => {
      const path = join(clone.root, '.paddock/event.json')
      const pull_request = {
        number: 7,
        head: { sha: head, repo: { full_name: 'horses/paddock' } },
        base: { sha: collected, ref: 'main$(touch pwned)' },
        ...more,
      }
      await writeFile(path, JSON.stringify({ pull_request }))
      return { ...environment, GITHUB_EVENT_PATH: path }
    }
    await clone.write('.paddock/event.json', '')
    const first = await runJob(clone, 'publish-review', await event())
    expect(first.exitCode).toBe(1)
    expect(first.output).toContain('publish-review: GateError: Expected at least 1,000 validation images')
    expect(first.outputs.verdict).toBe('failed')
    expect(checksOf(head).at(-1)).toMatchObject({ name: 'paddock review', conclusion: 'failure' })

    const other = await runJob(clone, 'publish-review', await event({ base: { sha: '0'.repeat(40), ref: 'main' } }))
    expect(other.outputs.comment).toBe(first.outputs.comment)
    expect(server.state.comments).toHaveLength(1)
    expect(server.state.comments[0]?.body).toMatch(new RegExp(`^${MARKER}\n## ❌ The gate is missed`))
    expect(server.state.comments[0]?.body).toContain('there is no base')

    const asked = server.exchanges.length
    const fork = await runJob(
      clone,
      'publish-review',
      await event({ head: { sha: head, repo: { full_name: 'mallory/paddock' } } }),
    )
    expect(server.exchanges).toHaveLength(asked)
    expect(fork.exitCode).toBe(1)
    expect(fork.summary).toContain('## ❌ The gate is missed')
    expect(fork.output).toMatch(
      /^::error file=params.yaml,line=\d+,title=gate.minValidationImages missed::Expected at least 1,000/m,
    )

    const lost = await runJob(clone, 'publish-review', { ...(await event()), GITHUB_TOKEN: 'expired' })
    expect(lost.exitCode).toBe(1)
    expect(lost.summary).toContain('## ❌ The gate is missed')
    expect(lost.output).toMatch(
      /^publish-review: GitHubError: GitHub did not .*: 401, Bad credentials.* run the job again\.$/m,
    )
    expect(existsSync(join(clone.root, 'pwned'))).toBe(false)
    expect(server.violations).toEqual([])
  })

  it('makes the release of a tag, with the model, its card and the page', async () => {
    const clone = await checkOut()
    await clone.git('checkout', '--quiet', collected)
    expect((await runJob(clone, 'release', { ...environment, GITHUB_REF_NAME: 'v1$(id)' })).output).toContain(
      'Expected a tag',
    )
    const { exitCode, output, outputs } = await runJob(clone, 'release', { ...environment, GITHUB_REF_NAME: 'v1.0.0' })
    expect(exitCode, output).toBe(0)
    expect(outputs.release).toContain('/releases/tag/v1.0.0')
    expect(server.state.releases).toMatchObject([
      {
        draft: false,
        target_commitish: collected,
        assets: [
          { name: expect.stringMatching(/^(first|second)\.tar\.gz$/) },
          { name: 'model-card.md' },
          { name: 'index.html' },
        ],
      },
    ])
    expect(server.violations).toEqual([])
  })
})
