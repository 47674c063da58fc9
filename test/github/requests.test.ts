import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Check, writeCheck } from '../../src/github/check.ts'
import { type GitHub, openGitHub } from '../../src/github/client.ts'
import { MARKER, writeSticky } from '../../src/github/comment.ts'
import { GitHubError } from '../../src/github/error.ts'
import { writeRelease } from '../../src/github/release.ts'
import { missingDescription } from '../support/github-description.ts'
import { type GitHubServer, startGitHub } from '../support/github-server.ts'

/** A second of waiting, in tests. */
const SECOND_MS = 20
const COMMENTS = '/issues/7/comments'
const WHOLE = 'https://github.test/run'

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
  missingDescription ?? 'GitHub, each request and answer held to its description',
  () => {
    beforeAll(async () => {
      server = await startGitHub()
      github = open('ours')
    })
    beforeEach(() => server.reset())
    afterAll(async () => {
      await server.close()
    })

    const sticky = (body: string, by: GitHub = github) => writeSticky(by, { pullRequest: 7, body, wholeAt: WHOLE })
    const bodies = () => server.state.comments.map(({ body }) => body)
    const asked = (method: string, path: string) =>
      server.exchanges.filter((each) => each.method === method && each.path.endsWith(path))
    const comment = async (token: string, body: string) => {
      const { data } = await open(token).ask('take a comment', `POST /repos/{owner}/{repo}${COMMENTS}`, { body })
      return (data as { id: number }).id
    }

    describe('writeSticky', () => {
      it('makes one comment, and updates it after', async () => {
        const id = await sticky('first')
        expect(await sticky('second')).toBe(id)
        expect(bodies()).toEqual([`${MARKER}\nsecond`])
        expect(server.violations).toEqual([])
      })

      it('finds its comment behind a hundred others', async () => {
        const id = await sticky('first')
        const own = server.state.comments[0]
        const others = Array.from({ length: 150 }, (_, place) => ({ ...own, id: place + 1, body: 'talk' }))
        server.state.comments.unshift(...others)
        expect(await sticky('second')).toBe(id)
        expect(asked('GET', COMMENTS).length).toBeGreaterThan(2)
      })

      it("takes nobody else's comment for its own, nor one of its own that holds the marker further down", async () => {
        await comment('user:mallory', `${MARKER}\nall is well`)
        await comment('ours', `somebody wrote:\n${MARKER}`)
        await sticky('the truth')
        expect(bodies()).toEqual([`${MARKER}\nall is well`, `somebody wrote:\n${MARKER}`, `${MARKER}\nthe truth`])
      })

      it('removes a second one of its own', async () => {
        const first = await comment('ours', `${MARKER}\na`)
        await comment('ours', `${MARKER}\nb`)
        expect(await sticky('c')).toBe(first)
        expect(bodies()).toEqual([`${MARKER}\nc`])
      })

      it('makes its comment again where somebody deletes it in between', async () => {
        const first = await sticky('first')
        server.before(`/issues/comments/${first}`, () => server.state.comments.splice(0))
        expect(await sticky('second')).not.toBe(first)
        expect(bodies()).toEqual([`${MARKER}\nsecond`])
        expect(asked('PATCH', `/comments/${first}`)).toMatchObject([{ status: 404 }])
      })

      it('cuts a body of a million characters, and leads to the whole', async () => {
        await sticky(`# Title\n\n${'- a line of the list\n'.repeat(50_000)}`)
        const [body = ''] = bodies()
        expect(body.length).toBeLessThanOrEqual(65_536)
        expect(body.length).toBeGreaterThan(60_000)
        expect(body.endsWith(`**Cut here: [the whole](${WHOLE}) is too long for this place.**\n`)).toBe(true)
        expect(server.violations).toEqual([])
      })

      it('tries again after 502, three times, with more patience each time', async () => {
        server.fail({ path: COMMENTS, method: 'POST', status: 502, times: 3 })
        await sticky('in the end')
        expect(bodies()).toEqual([`${MARKER}\nin the end`])
        const at = asked('POST', COMMENTS).map(({ atMs }) => atMs)
        const waits = at.slice(1).map((time, place) => time - (at[place] ?? 0))
        // 1, 4 and 9 seconds; a timer is never early by more than a millisecond
        expect(waits.map((wait, place) => wait >= (place + 1) ** 2 * SECOND_MS - 2)).toEqual([true, true, true])
      })

      it('gives up after the third, with the status and what it was about', async () => {
        server.fail({ path: COMMENTS, method: 'POST', status: 502, times: 10 })
        await expect(sticky('never')).rejects.toThrow(
          'Expected GitHub to write the comment, received 502: A fault of the test',
        )
        expect(asked('POST', COMMENTS)).toHaveLength(4)
      })

      it('does not write twice where an answer was lost but the work was done', async () => {
        server.fail({ path: COMMENTS, method: 'POST', status: 502, isDone: true })
        await sticky('once')
        await sticky('once')
        expect(bodies()).toEqual([`${MARKER}\nonce`])
      })

      it('waits as long as a secondary rate limit says, 403 or 429', async () => {
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

      it('does not wait for hours', async () => {
        const headers = { 'retry-after': '7200' }
        server.fail({ path: COMMENTS, status: 403, message: 'You have exceeded a secondary rate limit.', headers })
        await expect(sticky('never')).rejects.toThrow('received 403: You have exceeded a secondary rate limit')
      })

      it.each([
        ['expired', 401, 'The token is not valid any more'],
        ['read-only', 403, 'Give the job the permission that commands/ci/README.md names'],
      ])('says with a token that is %s what to do, and asks once', async (token, status, remedy) => {
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
      ])('ends with one line after %i, having asked %i times', async (status, times) => {
        server.fail({ path: COMMENTS, method: 'POST', status, times: 10 })
        const error = await sticky('never').catch((reason: Error) => reason)
        expect(error).toMatchObject({
          status,
          message: expect.stringMatching(/^Expected GitHub to write the comment, .*[.]$/),
        })
        expect(asked('POST', COMMENTS)).toHaveLength(times)
      })

      it('says so where nobody answers', async () => {
        const nowhere = openGitHub({
          apiUrl: 'http://127.0.0.1:9',
          repository: 'a/b',
          token: 't',
          author: 'x',
          secondMs: 1,
        })
        await expect(sticky('never', nowhere)).rejects.toThrow(
          'Expected GitHub to list the comments of the pull request',
        )
      })
    })

    describe('writeCheck', () => {
      const annotation = {
        path: 'params.yaml',
        line: 3,
        level: 'failure',
        title: 'gate.test',
        message: 'missed',
      } as const
      const check: Check = {
        name: 'paddock',
        commit: 'a'.repeat(40),
        conclusion: 'failure',
        title: 'The gate is missed',
        summary: 'all of it',
        annotations: [annotation],
        detailsUrl: WHOLE,
      }

      it('sets a completed check run with its conclusion and annotations', async () => {
        await writeCheck(github, check)
        expect(server.state.checkRuns).toMatchObject([
          {
            name: 'paddock',
            head_sha: 'a'.repeat(40),
            status: 'completed',
            conclusion: 'failure',
            details_url: WHOLE,
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

      it('sends annotations fifty at a time, and cuts a summary of a million characters', async () => {
        const annotations = Array.from({ length: 120 }, (_, line) => ({ ...annotation, line: line + 1 }))
        await writeCheck(github, { ...check, annotations, summary: 'word '.repeat(200_000) })
        const [run] = server.state.checkRuns
        expect(run?.annotations).toHaveLength(120)
        expect(new Set(run?.annotations.map((each) => (each as { start_line: number }).start_line)).size).toBe(120)
        expect(run?.output.summary?.length).toBeLessThanOrEqual(65_535)
        expect(server.violations).toEqual([])
      })

      it('is held to the description: a conclusion that GitHub does not know is refused', async () => {
        const unknown = { ...check, conclusion: 'fine' as 'success' }
        await expect(writeCheck(github, unknown)).rejects.toThrow('received 422')
        expect(server.violations).toEqual([expect.stringContaining('conclusion')])
      })
    })

    describe('writeRelease', () => {
      const assets = [
        { name: 'model.tar.gz', type: 'application/gzip', content: Buffer.from('model') },
        { name: 'index.html', type: 'text/html', content: Buffer.from('<p>page</p>') },
      ]
      const release = { tag: 'v1', commit: 'a'.repeat(40), title: 'v1', body: 'card', assets }

      it('shows the release when its last file is there', async () => {
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

      it('goes on with the draft of a run that was broken off, and replaces its files', async () => {
        server.fail({ path: '/assets', method: 'POST', status: 422 })
        await expect(writeRelease(github, release)).rejects.toThrow(
          'Expected GitHub to take model.tar.gz, received 422',
        )
        expect(server.state.releases).toMatchObject([{ draft: true }])
        await writeRelease(github, release)
        await writeRelease(github, { ...release, body: 'newer' })
        expect(server.state.releases).toMatchObject([{ draft: false, body: 'newer', assets: [{}, {}] }])
      })
    })
  },
)
