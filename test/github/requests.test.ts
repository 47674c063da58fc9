import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CheckRun, writeCheckRun } from '../../src/github/check.ts'
import { type GitHub, GitHubError, openGitHub } from '../../src/github/client.ts'
import { MARKER, writeStickyComment } from '../../src/github/comment.ts'
import { listPullRequests } from '../../src/github/pulls.ts'
import { writeRelease } from '../../src/github/release.ts'
import { missingDescription } from '../support/github-description.ts'
import { type GitHubServer, startGitHub } from '../support/github-server.ts'

/** The length of one second of waiting in these tests. */
const SECOND_MS = 20
const COMMENTS = '/issues/7/comments'
const RUN_URL = 'https://github.test/run'

let server: GitHubServer
let github: GitHub

function open(token: string): GitHub {
  return openGitHub({
    apiUrl: server.url,
    repository: 'horses/paddock',
    token,
    author: 'github-actions[bot]',
    secondMs: SECOND_MS,
  })
}

describe.skipIf(missingDescription)(
  missingDescription ?? 'GitHub, with every request and response validated against its API description',
  () => {
    beforeAll(async () => {
      server = await startGitHub()
      github = open('ours')
    })
    beforeEach(() => server.reset())
    afterAll(async () => {
      await server.close()
    })

    const sticky = (body: string, by: GitHub = github) =>
      writeStickyComment(by, { pullRequest: 7, body, fullTextUrl: RUN_URL })
    const bodies = () => server.state.comments.map(({ body }) => body)
    const asked = (method: string, path: string) =>
      server.exchanges.filter((each) => each.method === method && each.path.endsWith(path))
    const comment = async (token: string, body: string) => {
      const created = await open(token).request('create a comment', `POST /repos/{owner}/{repo}${COMMENTS}`, { body })
      return (created as { id: number }).id
    }

    describe('writeStickyComment', () => {
      it('creates one comment and then updates it', async () => {
        const id = await sticky('first')
        expect(await sticky('second')).toBe(id)
        expect(bodies()).toEqual([`${MARKER}\nsecond`])
        expect(server.violations).toEqual([])
      })

      it('finds its comment among more than a hundred others', async () => {
        const id = await sticky('first')
        const own = server.state.comments[0]
        const others = Array.from({ length: 150 }, (_, index) => ({ ...own, id: index + 1, body: 'talk' }))
        server.state.comments.unshift(...others)
        expect(await sticky('second')).toBe(id)
        expect(asked('GET', COMMENTS).length).toBeGreaterThan(2)
      })

      it('ignores comments by others, and its own comments with the marker further down', async () => {
        await comment('user:mallory', `${MARKER}\npassed`)
        await comment('ours', `a quote:\n${MARKER}`)
        await sticky('the review')
        expect(bodies()).toEqual([`${MARKER}\npassed`, `a quote:\n${MARKER}`, `${MARKER}\nthe review`])
      })

      it('deletes a duplicate of its comment', async () => {
        const first = await comment('ours', `${MARKER}\na`)
        await comment('ours', `${MARKER}\nb`)
        expect(await sticky('c')).toBe(first)
        expect(bodies()).toEqual([`${MARKER}\nc`])
      })

      it('creates its comment again if it was deleted in between', async () => {
        const first = await sticky('first')
        server.before(`/issues/comments/${first}`, () => server.state.comments.splice(0))
        expect(await sticky('second')).not.toBe(first)
        expect(bodies()).toEqual([`${MARKER}\nsecond`])
        expect(asked('PATCH', `/comments/${first}`)).toMatchObject([{ status: 404 }])
      })

      it('cuts a body of a million characters and links to the full text', async () => {
        await sticky(`# Title\n\n${'- a line of the list\n'.repeat(50_000)}`)
        const [body = ''] = bodies()
        expect(body.length).toBeLessThanOrEqual(65_536)
        expect(body.length).toBeGreaterThan(60_000)
        expect(body.endsWith(`**Cut here: the [full text](${RUN_URL}) is too long for this place.**\n`)).toBe(true)
        expect(server.violations).toEqual([])
      })

      it('retries a 502 three times, after longer and longer waits', async () => {
        server.fail({ path: COMMENTS, method: 'POST', status: 502, times: 3 })
        await sticky('in the end')
        expect(bodies()).toEqual([`${MARKER}\nin the end`])
        const at = asked('POST', COMMENTS).map(({ atMs }) => atMs)
        const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0))
        // 1, 4 and 9 seconds; a timer is never early by more than a millisecond
        expect(waits.map((wait, index) => wait >= (index + 1) ** 2 * SECOND_MS - 2)).toEqual([true, true, true])
      })

      it('gives up after three retries, with the status and the purpose', async () => {
        server.fail({ path: COMMENTS, method: 'POST', status: 502, times: 10 })
        await expect(sticky('never')).rejects.toThrow('GitHub did not create the comment: 502, A fault of the test')
        expect(asked('POST', COMMENTS)).toHaveLength(4)
      })

      it('writes one comment even if the response to the first was lost', async () => {
        server.fail({ path: COMMENTS, method: 'POST', status: 502, isDone: true })
        await sticky('once')
        await sticky('once')
        expect(bodies()).toEqual([`${MARKER}\nonce`])
      })

      it('waits as long as a secondary rate limit asks for, with 403 or 429', async () => {
        const limit = {
          path: COMMENTS,
          message: 'You have exceeded a secondary rate limit.',
          headers: { 'retry-after': '5' },
        }
        server.fail({ ...limit, status: 429, method: 'GET' }, { ...limit, status: 403, method: 'POST' })
        await sticky('patient')
        expect(bodies()).toEqual([`${MARKER}\npatient`])
        for (const method of ['GET', 'POST']) {
          const [first, second] = asked(method, COMMENTS)
          expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(5 * SECOND_MS - 2)
        }
      })

      it('fails at once if a rate limit asks for hours', async () => {
        const headers = { 'retry-after': '7200' }
        server.fail({ path: COMMENTS, status: 403, message: 'You have exceeded a secondary rate limit.', headers })
        await expect(sticky('never')).rejects.toThrow('403, You have exceeded a secondary rate limit')
      })

      it.each([
        ['expired', 401, 'The token is no longer valid'],
        ['read-only', 403, 'Give the job the permissions listed in docs/github.md'],
      ])('explains what to do if the token is %s, after one request', async (token, status, remedy) => {
        const error = await sticky('never', open(token)).catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(GitHubError)
        expect(error).toMatchObject({ status, message: expect.stringContaining(remedy) })
        expect(server.exchanges.filter((each) => each.status === status)).toHaveLength(1)
        expect(bodies()).toEqual([])
      })

      it.each([
        [404, 1],
        [422, 1],
        [409, 4],
      ])('fails with one line after %i, after %i requests', async (status, times) => {
        server.fail({ path: COMMENTS, method: 'POST', status, times: 10 })
        const error = await sticky('never').catch((reason: Error) => reason)
        expect(error).toMatchObject({
          status,
          message: expect.stringMatching(/^GitHub did not create the comment: .*[.]$/),
        })
        expect(asked('POST', COMMENTS)).toHaveLength(times)
      })

      it('reports a server that does not respond', async () => {
        const nowhere = openGitHub({
          apiUrl: 'http://127.0.0.1:9',
          repository: 'a/b',
          token: 't',
          author: 'x',
          secondMs: 1,
        })
        await expect(sticky('never', nowhere)).rejects.toThrow(
          'GitHub did not list the comments of the pull request: no response',
        )
      })
    })

    describe('writeCheckRun', () => {
      const annotation = {
        path: 'params.yaml',
        line: 3,
        level: 'failure',
        title: 'gate.test',
        message: 'missed',
      } as const
      const check: CheckRun = {
        name: 'paddock',
        commit: 'a'.repeat(40),
        conclusion: 'failure',
        title: 'The gate is missed',
        summary: 'all of it',
        annotations: [annotation],
        detailsUrl: RUN_URL,
      }

      it('creates a completed check run with its conclusion and annotations', async () => {
        await writeCheckRun(github, check)
        expect(server.state.checkRuns).toMatchObject([
          {
            name: 'paddock',
            head_sha: 'a'.repeat(40),
            status: 'completed',
            conclusion: 'failure',
            details_url: RUN_URL,
            output: { title: 'The gate is missed', summary: 'all of it', annotations_count: 1 },
            annotations: [
              {
                path: 'params.yaml',
                start_line: 3,
                end_line: 3,
                annotation_level: 'failure',
                title: 'gate.test',
                message: 'missed',
              },
            ],
          },
        ])
        expect(server.violations).toEqual([])
      })

      it('sends fifty annotations at a time, and cuts a summary of a million characters', async () => {
        const annotations = Array.from({ length: 120 }, (_, line) => ({ ...annotation, line: line + 1 }))
        await writeCheckRun(github, { ...check, annotations, summary: 'word '.repeat(200_000) })
        const [run] = server.state.checkRuns
        expect(run?.annotations).toHaveLength(120)
        expect(new Set(run?.annotations.map((each) => (each as { start_line: number }).start_line)).size).toBe(120)
        expect(run?.output.summary?.length).toBeLessThanOrEqual(65_535)
        expect(server.violations).toEqual([])
      })

      it('is validated: a conclusion unknown to GitHub is refused', async () => {
        const unknown = { ...check, conclusion: 'fine' as 'success' }
        await expect(writeCheckRun(github, unknown)).rejects.toThrow('GitHub did not create the check run: 422')
        expect(server.violations).toEqual([expect.stringContaining('conclusion')])
      })
    })

    describe('listPullRequests', () => {
      it('lists those of a branch, with the commit that has just been pushed', async () => {
        const base = { ref: 'main', sha: 'b'.repeat(40) }
        const branch = 'try/"$(id)'
        server.state.pulls.push({ number: 7, head: branch, base }, { number: 8, head: 'other', base })
        const head = { sha: 'c'.repeat(40), repo: { full_name: 'horses/paddock' } }
        const found = await listPullRequests(github, branch, head.sha)
        expect(server.violations).toEqual([])
        expect(found).toEqual([{ number: 7, head, base }])
      })
    })

    describe('writeRelease', () => {
      const assets = [
        { name: 'model.tar.gz', type: 'application/gzip', content: Buffer.from('model') },
        { name: 'index.html', type: 'text/html', content: Buffer.from('<p>page</p>') },
      ]
      const release = { tag: 'v1', commit: 'a'.repeat(40), title: 'v1', body: 'card', assets }

      it('publishes the release after its last file', async () => {
        let drafts = 0
        server.before('/assets', () => {
          drafts = server.state.releases.filter(({ draft }) => draft).length
        })
        const address = await writeRelease(github, release)
        expect(drafts).toBe(1)
        expect(address).toContain('/releases/tag/v1')
        expect(server.state.releases).toMatchObject([
          {
            tag_name: 'v1',
            draft: false,
            body: 'card',
            assets: [
              { name: 'model.tar.gz', size: 5 },
              { name: 'index.html', size: 11 },
            ],
          },
        ])
        expect(server.violations).toEqual([])
      })

      it('continues with the draft of an interrupted run, and replaces its files', async () => {
        server.fail({ path: '/assets', method: 'POST', status: 422 })
        await expect(writeRelease(github, release)).rejects.toThrow('GitHub did not accept model.tar.gz: 422')
        expect(server.state.releases).toMatchObject([{ draft: true }])
        await writeRelease(github, release)
        await writeRelease(github, { ...release, body: 'newer' })
        expect(server.state.releases).toMatchObject([{ draft: false, body: 'newer', assets: [{}, {}] }])
      })
    })
  },
)
