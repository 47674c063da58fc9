import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ConfigError, GateError, messageOf, PaddockError } from '../../core/errors.ts'
import { literal, logLine } from '../../review/literal.ts'
import { formatReview, reviewTitle } from '../../review/markdown.ts'
import { isPassed, type Review, readReview } from '../../review/review.ts'
import { requireReviewPassed } from '../../review/words.ts'
import { writeCheck } from '../check.ts'
import { type GitHub, openGitHub } from '../client.ts'
import { writeSticky } from '../comment.ts'
import { annotationCommand, appendSummary, writeOutputs } from '../job.ts'
import { reviewAnnotations } from './annotations.ts'
import { type Environment, type Job, parseWith, readJob } from './inputs.ts'

export const REVIEW_CHECK_NAME = 'paddock review'

const sha = z.string().regex(/^[0-9a-f]{40,64}$/, 'must be a hash')
const eventSchema = z.object({
  pull_request: z.object({
    number: z.int().positive(),
    head: z.object({ sha, repo: z.object({ full_name: z.string() }).nullable() }),
    base: z.object({ sha, ref: z.string() }),
  }),
})

/**
 * Reviews a pull request, and says so: in the job summary first, which nobody can refuse; then, but for forks, in its one comment
 * and in a check run.
 *
 * @throws GateError when the review fails, GitHubError when GitHub takes one of them not
 */
export async function publishReview(environment: Environment = process.env): Promise<string> {
  const job = readJob(environment)
  const pull = (await readEvent(environment.GITHUB_EVENT_PATH)).pull_request
  const isFork = pull.head.repo?.full_name !== job.repository
  const review = await reviewed(
    { base: environment.BASE || pull.base.sha, baseName: pull.base.ref, head: pull.head.sha },
    job,
    environment,
  )
  const markdown = formatReview(review)
  await appendSummary(markdown, job.runUrl, environment)
  const verdict = isPassed(review) ? 'passed' : 'failed'
  if (isFork) {
    await writeOutputs({ verdict, comment: '' }, environment)
    for (const annotation of reviewAnnotations(review)) console.log(annotationCommand(annotation))
    return `${requireReviewPassed(review)} A fork's review is in the job summary alone.`
  }
  const comment = await tell(openGitHub(job), { job, pullRequest: pull.number, review, markdown })
  await writeOutputs({ verdict, comment }, environment)
  return requireReviewPassed(review)
}

/** What cannot be reviewed is said in the summary too, in words that no runner takes for a command. */
async function reviewed(
  request: Parameters<typeof readReview>[0],
  job: Job,
  environment: Environment,
): Promise<Review> {
  try {
    return await readReview(request)
  } catch (error) {
    if (!(error instanceof PaddockError)) throw error
    const reason = logLine(messageOf(error))
    await writeOutputs({ verdict: 'failed', comment: '' }, environment)
    await appendSummary(`## ❌ This cannot be reviewed\n\n${literal(reason)}`, job.runUrl, environment)
    throw new GateError(reason, { cause: error })
  }
}

/** Writes both, also where one of them fails. Gives the id of the comment. */
async function tell(
  github: GitHub,
  { job, pullRequest, review, markdown }: { job: Job; pullRequest: number; review: Review; markdown: string },
): Promise<number> {
  const [comment, check] = await Promise.allSettled([
    writeSticky(github, { pullRequest, body: markdown, wholeAt: job.runUrl }),
    writeCheck(github, {
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

async function readEvent(path: string | undefined): Promise<z.infer<typeof eventSchema>> {
  const text = await readFile(path ?? '', 'utf8').catch((error: unknown) => {
    throw new ConfigError(`Expected the event of a pull request at GITHUB_EVENT_PATH, received: ${messageOf(error)}.`)
  })
  return parseWith(eventSchema, parseJson(text), 'the event of a pull request')
}

/** What is no JSON is no event either. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
