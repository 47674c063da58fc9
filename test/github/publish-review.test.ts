import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { MARKER } from '../../src/github/comment.ts'
import { publishReview } from '../../src/github/publish-review.ts'
import { repositoryWith, takenWith } from '../review/repository.ts'
import { missingDescription } from '../support/github-description.ts'
import { type GitHubServer, startGitHub } from '../support/github-server.ts'

describe.skipIf(missingDescription)(missingDescription ?? 'publishReview', () => {
  const repository = repositoryWith({
    good: takenWith('c'.repeat(20)),
    better: takenWith('c'.repeat(20)),
    worse: takenWith('d'.repeat(10) + 'c'.repeat(10)),
  })
  const { commits } = repository
  let server: GitHubServer
  let environment: Record<string, string>

  beforeAll(async () => {
    server = await startGitHub()
    environment = {
      GITHUB_API_URL: server.url,
      GITHUB_SERVER_URL: 'https://github.test',
      GITHUB_REPOSITORY: 'horses/paddock',
      GITHUB_RUN_ID: '42',
      GITHUB_TOKEN: 'ours',
      GITHUB_EVENT_PATH: join(repository.root, 'event.tmp'),
      GITHUB_STEP_SUMMARY: join(repository.root, 'summary.tmp'),
      GITHUB_OUTPUT: join(repository.root, 'output.tmp'),
    }
  })
  beforeEach(async () => {
    server.reset()
    for (const name of ['summary.tmp', 'output.tmp']) await rm(join(repository.root, name), { force: true })
  })
  afterAll(() => server.close())

  const publish = async (
    { base = 'good', head = 'good', from = 'horses/paddock', ref = 'main' }: Partial<Record<string, string>>,
    more = {},
  ) => {
    const pull_request = {
      number: 7,
      head: { sha: commits[head], repo: { full_name: from } },
      base: { sha: commits[base], ref },
    }
    await writeFile(environment.GITHUB_EVENT_PATH ?? '', JSON.stringify({ pull_request }))
    return publishReview({ ...environment, ...more })
  }
  /** The outputs of the job by that name, for the steps that follow. */
  const verdicts = async () => {
    const text = await readFile(environment.GITHUB_OUTPUT ?? '', 'utf8')
    return [...text.matchAll(/^verdict<<.*\n(.*)$/gm)].map(([, verdict]) => verdict)
  }
  const summary = () => readFile(environment.GITHUB_STEP_SUMMARY ?? '', 'utf8')

  it('writes one comment, updates it, and creates a check run with its own conclusion each time', async () => {
    await expect(publish({ head: 'worse' })).rejects.toThrow('Newly wrong: train/cat/holdout-0.png taken for dog')
    expect(server.state.comments).toMatchObject([
      { body: expect.stringMatching(`^${MARKER}\n## ❌ Worse than the base`) },
    ])
    expect(await verdicts()).toEqual(['failed'])
    expect(await publish({})).toContain('not significantly worse')
    expect(await verdicts()).toEqual(['failed', 'passed'])
    expect(server.state.comments).toMatchObject([{ body: expect.stringContaining('## ✅ Gate passed, not worse') }])
    expect(server.state.checkRuns).toMatchObject([
      {
        name: 'paddock review',
        head_sha: commits.worse,
        conclusion: 'failure',
        details_url: 'https://github.test/horses/paddock/actions/runs/42',
      },
      { name: 'paddock review', head_sha: commits.good, conclusion: 'success' },
    ])
    const [failed] = server.state.checkRuns
    expect(failed?.annotations).toContainEqual(
      expect.objectContaining({
        path: 'params.yaml',
        annotation_level: 'failure',
        title: 'gate.regression.alpha: significantly worse',
      }),
    )
    expect(server.violations).toEqual([])
  })

  it('sends no request for a fork: the summary and the log have the review', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    await expect(publish({ head: 'worse', from: 'mallory/paddock' })).rejects.toThrow('Newly wrong')
    const lines = log.mock.calls.map(([line]) => String(line))
    log.mockRestore()
    expect(server.exchanges).toEqual([])
    expect(await summary()).toContain('## ❌ Worse than the base')
    expect(lines.some((line) => /^::error file=params.yaml,line=\d+,title=gate.regression.alpha%3A/.test(line))).toBe(
      true,
    )
  })

  it.each([
    ['expired', 401],
    ['read-only', 403],
  ])('writes the summary even if the token is %s, and fails with one clear line', async (token, status) => {
    await expect(publish({}, { GITHUB_TOKEN: token })).rejects.toThrow(
      new RegExp(`^GitHub did not [^\n]*: ${status}, [^\n]*$`),
    )
    expect(await summary()).toContain('## ✅ Gate passed')
  })

  it('never interprets the name of a branch', async () => {
    await publish({ ref: 'a$(touch pwned)`touch pwned`<script>' })
    expect(server.state.comments[0]?.body).not.toContain('<script>')
    expect(existsSync('pwned')).toBe(false)
  })

  it('reports a head that cannot be reviewed, on one line', async () => {
    await repository.write('params.yaml', 'x: "a\\n::error::b"\n')
    await repository.commit('odd')
    const error = await publish({ head: 'odd' }).catch((reason: Error) => reason)
    expect((error as Error).message).toMatch(/^params.yaml is not valid: [^\n]*$/)
    expect((error as Error).message).not.toContain('::')
    expect(await summary()).toContain('## ❌ This pull request cannot be reviewed')
  })

  it('sends no request for a fork that is gone', async () => {
    const pull_request = {
      number: 7,
      head: { sha: commits.better, repo: null },
      base: { sha: commits.good, ref: 'main' },
    }
    await writeFile(environment.GITHUB_EVENT_PATH ?? '', JSON.stringify({ pull_request }))
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    expect(await publishReview(environment)).toContain('The pull request comes from a fork: see the job summary.')
    log.mockRestore()
    expect(server.exchanges).toEqual([])
  })

  it('turns comment and check into the failure of a push that cannot be reviewed, and leaves no older verdict', async () => {
    await publish({ head: 'better' })
    expect(server.state.comments).toMatchObject([{ body: expect.stringContaining('## ✅ Gate passed') }])
    await repository.write('params.yaml', undefined)
    const head = await repository.commit('without')
    await expect(publish({ head: 'without' })).rejects.toThrow(`Expected params.yaml in ${head}, received none.`)
    expect(server.state.comments).toMatchObject([
      { body: expect.stringMatching(`^${MARKER}\n## ❌ This pull request cannot be reviewed\n`) },
    ])
    expect(server.state.checkRuns.at(-1)).toMatchObject({
      ...{ name: 'paddock review', head_sha: head, conclusion: 'failure' },
      output: { title: 'This pull request cannot be reviewed' },
    })
    expect(server.violations).toEqual([])
  })

  it('creates a neutral check run where there is no base to compare with', async () => {
    expect(await publish({}, { BASE: 'start' })).toContain('passed: net reaches')
    expect(server.state.checkRuns).toMatchObject([
      {
        conclusion: 'neutral',
        output: { title: 'Gate passed, no base to compare with; read the warnings' },
      },
    ])
    expect(server.violations).toEqual([])
  })

  it('reviews the pull request that PULL_REQUEST names where the event has none', async () => {
    const [head, base] = [commits.worse, commits.good]
    const pullRequest = {
      number: 7,
      head: { sha: head, repo: { full_name: 'horses/paddock' } },
      base: { sha: base, ref: 'main' },
    }
    await writeFile(environment.GITHUB_EVENT_PATH ?? '', '{}')
    const given = { ...environment, PULL_REQUEST: JSON.stringify(pullRequest) }
    await expect(publishReview(given)).rejects.toThrow('Newly wrong')
    expect(server.state.checkRuns).toMatchObject([{ head_sha: head, conclusion: 'failure' }])
  })
})
