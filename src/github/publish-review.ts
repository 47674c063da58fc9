import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ConfigError, GateError, messageOf, PaddockError } from '../core/errors.ts'
import { parseJson } from '../core/files.ts'
import { requireReviewPassed } from '../review/explain.ts'
import { literal, logLine } from '../review/literal.ts'
import { formatReview, reviewTitle } from '../review/markdown.ts'
import { isPassed, type Review, type ReviewRequest, readReview } from '../review/review.ts'
import { reviewAnnotations } from './annotations.ts'
import { annotationCommand, writeCheckRun } from './check.ts'
import { openGitHub } from './client.ts'
import { writeStickyComment } from './comment.ts'
import { appendSummary, type Environment, type Job, parseWith, readJob, writeOutputs } from './job.ts'

export const REVIEW_CHECK_NAME = 'paddock review'

const EVENT = 'the event of a pull request'
const sha = z.string().regex(/^[0-9a-f]{40,64}$/, 'must be a hash')
const eventSchema = z.object({
  pull_request: z.object({
    number: z.int().positive(),
    head: z.object({ sha, repo: z.object({ full_name: z.string() }).nullable() }),
    base: z.object({ sha, ref: z.string() }),
  }),
})

/**
 * Reviews a pull request and publishes the review: first in the job summary, which needs no permission; then, unless the pull
 * request comes from a fork, as its one comment and as a check run.
 *
 * @throws GateError when the review fails, GitHubError when the comment or the check run is refused
 */
export async function publishReview(environment: Environment = process.env): Promise<string> {
  const job = readJob(environment)
  const { number, head, base } = (await readEvent(environment.GITHUB_EVENT_PATH)).pull_request
  const request = { base: environment.BASE || base.sha, baseName: base.ref, head: head.sha }
  const review = await reviewOrExplain(request, job, environment)
  await appendSummary(formatReview(review), job.runUrl, environment)
  const verdict = isPassed(review) ? 'passed' : 'failed'
  if (head.repo?.full_name !== job.repository) {
    await writeOutputs({ verdict, comment: '' }, environment)
    for (const annotation of reviewAnnotations(review)) console.log(annotationCommand(annotation))
    return `${requireReviewPassed(review)} The pull request comes from a fork: see the job summary.`
  }
  const comment = await writeCommentAndCheck(job, number, review)
  await writeOutputs({ verdict, comment }, environment)
  return requireReviewPassed(review)
}

async function readEvent(path: string | undefined): Promise<z.infer<typeof eventSchema>> {
  const text = await readFile(path ?? '', 'utf8').catch((error: unknown) => {
    throw new ConfigError(`Expected ${EVENT} at GITHUB_EVENT_PATH, received: ${messageOf(error)}.`)
  })
  return parseWith(eventSchema, parseJson(text, EVENT), EVENT)
}

/** Reads the review; if that fails, the reason goes to the summary too, escaped so that the runner finds no command in it. */
async function reviewOrExplain(request: ReviewRequest, job: Job, environment: Environment): Promise<Review> {
  try {
    return await readReview(request)
  } catch (error) {
    if (!(error instanceof PaddockError)) throw error
    const reason = logLine(messageOf(error))
    await writeOutputs({ verdict: 'failed', comment: '' }, environment)
    await appendSummary(`## ❌ This pull request cannot be reviewed\n\n${literal(reason)}`, job.runUrl, environment)
    throw new GateError(reason, { cause: error })
  }
}

/** Writes each even if the other fails. Returns the comment's id. @throws GitHubError */
async function writeCommentAndCheck(job: Job, pullRequest: number, review: Review): Promise<number> {
  const github = openGitHub(job)
  const markdown = formatReview(review)
  const [comment, check] = await Promise.allSettled([
    writeStickyComment(github, { pullRequest, body: markdown, fullTextUrl: job.runUrl }),
    writeCheckRun(github, {
      name: REVIEW_CHECK_NAME,
      commit: review.head.commit,
      conclusion: isPassed(review) ? 'success' : 'failure',
      title: reviewTitle(review),
      summary: markdown,
      annotations: reviewAnnotations(review),
      detailsUrl: job.runUrl,
    }),
  ])
  if (comment.status === 'rejected') throw comment.reason
  if (check.status === 'rejected') throw check.reason
  return comment.value
}
