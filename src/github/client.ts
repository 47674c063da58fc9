import { Octokit } from '@octokit/core'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import { githubError } from './error.ts'

/** The repository, and what speaks to GitHub about it. */
export interface GitHub {
  readonly owner: string
  readonly repo: string
  /** Who writes with this token: comments of anybody else are not ours. */
  readonly author: string
  /**
   * Asks GitHub, again and again where that may help: after 1, 4 and 9 seconds for 5xx and 409, and when a rate limit says,
   * should that be within five minutes.
   *
   * @param what what GitHub is to do, for the message
   * @throws GitHubError
   */
  ask(what: string, route: string, parameters?: Readonly<Record<string, unknown>>): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number | undefined>>
  /** As GitHub sent it: read what is needed, and check it. */
  readonly data: unknown
}

export interface GitHubOptions {
  readonly apiUrl: string
  /** `owner/name` */
  readonly repository: string
  readonly token: string
  readonly author: string
  /** What a second of waiting takes; with less than 1000, as tests want it, writes follow each other without a pause too. */
  readonly secondMs?: number
}

/** Rate limits that are waited for, and for how long at most. */
const RATE_LIMIT_RETRIES = 3
const LONGEST_WAIT_S = 300

/** A rate limit is waited for by its own rule, and what GitHub refuses it refuses again. */
const NEVER_AGAIN = [400, 401, 403, 404, 410, 422, 429, 451]

/** In place of the pauses between writes that GitHub asks for. */
const AT_ONCE = { key: () => ({ schedule: (_job: unknown, work: () => unknown) => work() }) }
const WITHOUT_PAUSES: object = { write: AT_ONCE, notifications: AT_ONCE }

const Client = Octokit.plugin(retry, throttling)

export function openGitHub({ apiUrl, repository, token, author, secondMs = 1000 }: GitHubOptions): GitHub {
  const mayWait = (retryAfterS: number, _options: unknown, _octokit: unknown, retries: number) =>
    retries < RATE_LIMIT_RETRIES && retryAfterS <= LONGEST_WAIT_S
  const octokit = new Client({
    auth: token,
    baseUrl: apiUrl,
    userAgent: 'paddock',
    retry: { retryAfterBaseValue: secondMs, doNotRetry: NEVER_AGAIN },
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
    async ask(what, route, parameters = {}) {
      try {
        const { status, headers, data } = await octokit.request(route, { owner, repo, ...parameters })
        return { status, headers, data }
      } catch (error) {
        throw githubError(what, error)
      }
    },
  }
}
