import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ConfigError, GateError, messageOf, PaddockError } from '../core/errors.ts'
import { parseJson } from '../core/files.ts'
import { requireReviewPassed } from '../review/explain.ts'
import { literal, logLine } from '../review/literal.ts'
import { formatReview, reviewTitle } from '../review/markdown.ts'
import { conclusionOf, type Review, readReview } from '../review/review.ts'
import { reviewAnnotations } from './annotations.ts'
import { annotationCommand, type CheckRun, writeCheckRun } from './check.ts'
import { openGitHub } from './client.ts'
import { writeStickyComment } from './comment.ts'
import { appendSummary, type Environment, type Job, parseWith, readJob, writeOutputs } from './job.ts'
import { type PullRequest, pullRequestSchema } from './pulls.ts'

export const REVIEW_CHECK_NAME = 'paddock review'

const EVENT = 'the event of a pull request'
/**
 * Reviews a pull request and publishes the review: first in the job summary, which needs no permission; then, unless the pull
 * request comes from a fork, as its one comment and as a check run.
 *
 * A head that cannot be reviewed is reported too, so that no verdict on an older head remains.
 *
 * @throws GateError when the review fails, GitHubError when the comment or the check run is refused
 */
export async function publishReview(environment: Environment = process.env): Promise<string> {
  const job = readJob(environment)
  const pullRequest = await readPullRequest(environment)
  const { base, head } = pullRequest
  const request = { base: environment.BASE || base.sha, baseName: base.ref, head: head.sha }
  const { published, outcome } = await readReview(request).then(publishedOf, unreviewed)
  await appendSummary(published.markdown, job.runUrl, environment)
  const verdict = published.conclusion === 'failure' ? 'failed' : 'passed'
  if (head.repo?.full_name !== job.repository) {
    await writeOutputs({ verdict, comment: '' }, environment)
    for (const annotation of published.annotations) console.log(annotationCommand(annotation))
    return `${outcome()} The pull request comes from a fork: see the job summary.`
  }
  const comment = await writeCommentAndCheck(job, pullRequest, published)
  await writeOutputs({ verdict, comment }, environment)
  return outcome()
}

/** The pull request in PULL_REQUEST, or else that of the event. */
async function readPullRequest({ PULL_REQUEST, GITHUB_EVENT_PATH }: Environment): Promise<PullRequest> {
  if (PULL_REQUEST) return parseWith(pullRequestSchema, parseJson(PULL_REQUEST, 'PULL_REQUEST'), 'PULL_REQUEST')
  const text = await readFile(GITHUB_EVENT_PATH ?? '', 'utf8').catch((error: unknown) => {
    throw new ConfigError(`Expected ${EVENT} at GITHUB_EVENT_PATH, received: ${messageOf(error)}.`)
  })
  return parseWith(z.object({ pull_request: pullRequestSchema }), parseJson(text, EVENT), EVENT).pull_request
}

interface Published extends Pick<CheckRun, 'conclusion' | 'title' | 'annotations'> {
  readonly markdown: string
}

interface Outcome {
  readonly published: Published
  /** The job's last line. @throws GateError when the review fails */
  readonly outcome: () => string
}

function publishedOf(review: Review): Outcome {
  return {
    published: {
      conclusion: conclusionOf(review),
      title: reviewTitle(review),
      markdown: formatReview(review),
      annotations: reviewAnnotations(review),
    },
    outcome: () => requireReviewPassed(review),
  }
}

/** What is published for a head that cannot be reviewed. The reason is escaped, so that the runner finds no command in it. */
function unreviewed(error: unknown): Outcome {
  const reason = logLine(messageOf(error))
  const title = 'This pull request cannot be reviewed'
  return {
    published: {
      conclusion: 'failure',
      title,
      markdown: `## ❌ ${title}\n\n${literal(reason)}\n\n${UNREVIEWED}\n`,
      annotations: [],
    },
    outcome: () => {
      if (error instanceof PaddockError) throw new GateError(reason, { cause: error })
      throw error
    },
  }
}

const UNREVIEWED =
  "The base's code does the review, and cannot read these files. Correct them; or, if this pull request changes their format, first merge code that reads both formats."

/** Writes each even if the other fails. Returns the comment's id. @throws GitHubError */
async function writeCommentAndCheck(
  job: Job,
  { number, head }: PullRequest,
  { conclusion, title, markdown, annotations }: Published,
): Promise<number> {
  const github = openGitHub(job)
  const [comment, check] = await Promise.allSettled([
    writeStickyComment(github, { pullRequest: number, body: markdown, fullTextUrl: job.runUrl }),
    writeCheckRun(github, {
      ...{ name: REVIEW_CHECK_NAME, commit: head.sha, conclusion, title, annotations },
      ...{ summary: markdown, detailsUrl: job.runUrl },
    }),
  ])
  if (comment.status === 'rejected') throw comment.reason
  if (check.status === 'rejected') throw check.reason
  return comment.value
}
