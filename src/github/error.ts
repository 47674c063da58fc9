import { PaddockError } from '../core/errors.ts'

/** GitHub did not do what it was asked. */
export class GitHubError extends PaddockError {
  override name = 'GitHubError'
  /** The status of its answer; undefined where there was none. */
  readonly status: number | undefined

  constructor(message: string, options: { status: number | undefined; cause: unknown }) {
    super(message, { cause: options.cause })
    this.status = options.status
  }
}

/** What to do about an answer of GitHub. */
const REMEDIES: Readonly<Record<number, string>> = {
  401: 'The token is not valid any more: run the job again.',
  403: 'Give the job the permission that commands/ci/README.md names, or wait where the rate limit is meant.',
  404: 'Look whether the repository, pull request or commit is there, and whether the token may see it.',
  409: 'Somebody else changed it at the same time: run the job again.',
  422: 'GitHub found a value that is not valid: read its words.',
  429: 'The rate limit is reached: run the job again later.',
}

/** The error of a request that failed for good. */
export function githubError(what: string, error: unknown): GitHubError {
  const status = statusOf(error)
  const words = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 300)
  const remedy = REMEDIES[status ?? 0] ?? 'Run the job again; https://www.githubstatus.com says whether GitHub works.'
  const isAnswer = status !== undefined
  return new GitHubError(
    `Expected GitHub to ${what}, received ${isAnswer ? `${status}: ` : 'no answer: '}${words.replace(/[.]$/, '')}. ${remedy}`,
    { status: isAnswer ? status : undefined, cause: error },
  )
}

/** The status of GitHub's answer in an error; undefined where none came. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof GitHubError) return error.status
  if (!(error instanceof Error) || !('status' in error) || !('response' in error) || !error.response) return undefined
  return typeof error.status === 'number' ? error.status : undefined
}
