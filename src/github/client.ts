import { Octokit } from '@octokit/core'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import { z } from 'zod'
import { messageOf, PaddockError } from '../core/errors.ts'
import type { Job } from './job.ts'

/** One repository on GitHub, and a client that may work on it. */
export interface GitHub {
  readonly owner: string
  readonly repo: string
  /** The login that the token writes as; comments by any other login are left alone. */
  readonly author: string
  /**
   * Sends one request and returns the body of the response, not validated yet. It is retried after 1, 4 and 9 seconds for a 5xx or
   * 409, and after the time that a rate limit asks for, up to five minutes.
   *
   * @param purpose completes "GitHub did not …" in the error message
   * @throws GitHubError
   */
  request(purpose: string, route: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>
}

interface GitHubOptions extends Pick<Job, 'apiUrl' | 'repository' | 'token' | 'author'> {
  /** The length of one second of waiting. Tests set less than 1000, which also drops the pauses between writes. */
  readonly secondMs?: number
}

export class GitHubError extends PaddockError {
  override name = 'GitHubError'
  /** HTTP status; undefined without a response. */
  readonly status: number | undefined

  constructor(purpose: string, cause: unknown) {
    const status = statusOf(cause)
    const reason = messageOf(cause).replace(/\s+/g, ' ').slice(0, 300).replace(/[.]$/, '')
    const remedy =
      REMEDIES[status ?? 0] ?? 'Run the job again; https://www.githubstatus.com shows whether GitHub is working.'
    super(`GitHub did not ${purpose}: ${status ?? 'no response'}, ${reason}. ${remedy}`, { cause })
    this.status = status
  }
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'The token is no longer valid: run the job again.',
  403: 'Give the job the permissions listed in docs/github.md, or wait if this is a rate limit.',
  404: 'Check that the repository, pull request or commit exists and that the token may read it.',
  409: 'It was changed at the same time: run the job again.',
  422: 'GitHub rejected a value of the request.',
  429: 'The rate limit is reached: run the job again later.',
}

const MAX_RATE_LIMIT_RETRIES = 3
const MAX_RATE_LIMIT_WAIT_S = 300

/** Rate limits are retried by the throttling plugin; the others fail again. */
const DO_NOT_RETRY = [400, 401, 403, 404, 410, 422, 429, 451]

/** Replaces the throttling plugin's pauses between writes. */
const AT_ONCE = { key: () => ({ schedule: (_job: unknown, work: () => unknown) => work() }) }
const WITHOUT_PAUSES: object = { write: AT_ONCE, notifications: AT_ONCE }

const Client = Octokit.plugin(retry, throttling)

export function openGitHub({ apiUrl, repository, token, author, secondMs = 1000 }: GitHubOptions): GitHub {
  const mayWait = (retryAfterS: number, _options: unknown, _octokit: unknown, retries: number) =>
    retries < MAX_RATE_LIMIT_RETRIES && retryAfterS <= MAX_RATE_LIMIT_WAIT_S
  const octokit = new Client({
    auth: token,
    baseUrl: apiUrl,
    userAgent: 'paddock',
    retry: { retryAfterBaseValue: secondMs, doNotRetry: DO_NOT_RETRY },
    throttle: {
      onRateLimit: mayWait,
      onSecondaryRateLimit: mayWait,
      retryAfterBaseValue: secondMs,
      ...(secondMs < 1000 ? WITHOUT_PAUSES : {}),
    },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })
  const [owner = '', repo = ''] = repository.split('/')
  return {
    owner,
    repo,
    author,
    async request(purpose, route, parameters = {}) {
      try {
        return (await octokit.request(route, { owner, repo, ...parameters })).data
      } catch (error) {
        throw new GitHubError(purpose, error)
      }
    },
  }
}

/** The items of a paged list, page after page of 100. @throws GitHubError */
export async function* listAll(
  github: GitHub,
  purpose: string,
  route: string,
  parameters: Readonly<Record<string, unknown>> = {},
): AsyncGenerator<unknown> {
  for (let page = 1; ; page++) {
    const items = z
      .array(z.unknown())
      .parse(await github.request(purpose, route, { ...parameters, per_page: 100, page }))
    yield* items
    if (items.length < 100) return
  }
}

/** The HTTP status in Octokit's error; undefined when no response came. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error) || !('response' in error) || !error.response) return undefined
  return typeof error.status === 'number' ? error.status : undefined
}
