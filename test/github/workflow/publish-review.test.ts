import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { MARKER } from '../../../src/github/comment.ts'
import { publishReview } from '../../../src/github/workflow/publish-review.ts'
import { makeRepository, type Repository, sampleParams, takenWith } from '../../review/repository.ts'
import { missingDescription } from '../../support/github-description.ts'
import { type GitHubServer, startGitHub } from '../../support/github-server.ts'

const folder = process.cwd()
const commits: Record<string, string> = {}
let repository: Repository
let server: GitHubServer
let environment: Record<string, string>

describe.skipIf(missingDescription)(missingDescription ?? 'publishReview', () => {
  beforeAll(async () => {
    server = await startGitHub()
    repository = await makeRepository()
    process.chdir(repository.root)
    const branches = { good: 'c'.repeat(20), worse: 'd'.repeat(10) + 'c'.repeat(10) }
    for (const [branch, holdout] of Object.entries(branches)) {
      await repository.write('params.yaml', await sampleParams())
      await repository.writeResults({ net: takenWith(holdout) })
      commits[branch] = await repository.commit(branch)
    }
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
    await rm(join(repository.root, 'summary.tmp'), { force: true })
  })
  afterAll(async () => {
    process.chdir(folder)
    await server.close()
    await repository.remove()
  })

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
  const summary = () => readFile(environment.GITHUB_STEP_SUMMARY ?? '', 'utf8')

  it('writes one comment, updates it, and sets a check run with a conclusion of its own each time', async () => {
    await expect(publish({ head: 'worse' })).rejects.toThrow('Newly wrong: train/cat/holdout-0.png taken for dog')
    expect(server.state.comments).toMatchObject([
      { body: expect.stringMatching(`^${MARKER}\n## ❌ Worse than the base`) },
    ])
    expect(await publish({})).toContain('not significantly worse')
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

  it('asks GitHub for nothing from a fork, and says all in the summary and the log', async () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => {})
    await expect(publish({ head: 'worse', from: 'mallory/paddock' })).rejects.toThrow('Newly wrong')
    const lines = said.mock.calls.map(([line]) => String(line))
    said.mockRestore()
    expect(server.exchanges).toEqual([])
    expect(await summary()).toContain('## ❌ Worse than the base')
    expect(lines.some((line) => /^::error file=params.yaml,line=\d+,title=gate.regression.alpha%3A/.test(line))).toBe(
      true,
    )
  })

  it.each([
    ['expired', 401],
    ['read-only', 403],
  ])('writes the summary with a token that is %s, and ends with a clear line', async (token, status) => {
    await expect(publish({}, { GITHUB_TOKEN: token })).rejects.toThrow(
      new RegExp(`^Expected GitHub to [^\n]*, received ${status}: [^\n]*$`),
    )
    expect(await summary()).toContain('## ✅ Gate passed')
  })

  it('takes the name of a branch for a name', async () => {
    await publish({ ref: 'a$(touch pwned)`touch pwned`<script>' })
    expect(server.state.comments[0]?.body).not.toContain('<script>')
    expect(existsSync('pwned')).toBe(false)
  })

  it('says what cannot be reviewed in the summary, on one line', async () => {
    await repository.write('params.yaml', 'x: "a\\n::error::b"\n')
    commits.odd = await repository.commit('odd')
    const error = await publish({ head: 'odd' }).catch((reason: Error) => reason)
    expect((error as Error).message).toMatch(/^params.yaml is not valid: [^\n]*$/)
    expect((error as Error).message).not.toContain('::')
    expect(await summary()).toContain('## ❌ This cannot be reviewed')
  })
})
