import { z } from 'zod'
import type { GitHub } from './client.ts'
import { cutMarkdown, LIMITS } from './cut.ts'
import { statusOf } from './error.ts'

/** The first line of our comment, which nobody sees. */
export const MARKER = '<!-- paddock: review -->'

const commentsSchema = z.array(
  z.object({
    id: z.number(),
    body: z.string().nullish(),
    user: z.object({ login: z.string() }).nullable(),
  }),
)
const idSchema = z.object({ id: z.number() })

const LIST = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'
const CREATE = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
const UPDATE = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}'
const REMOVE = 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}'

/** Pages of 100 comments that are looked through. */
const PAGES = 100

export interface Sticky {
  readonly pullRequest: number
  readonly body: string
  /** Where the whole is, should the body be too long. */
  readonly wholeAt: string
}

/**
 * The one comment of a pull request that says how it stands: made the first time, updated after, made again where somebody deleted
 * it, also in between. Gives its id.
 *
 * Ours is what our author wrote and begins with the marker; the marker in anybody else's comment is none. Should two of ours be
 * there, since two runs began at once or an answer was lost, the later ones go.
 *
 * @throws GitHubError
 */
export async function writeSticky(github: GitHub, { pullRequest, body, wholeAt }: Sticky): Promise<number> {
  const text = cutMarkdown(`${MARKER}\n${body}`, { limit: LIMITS.comment, wholeAt })
  const there = await onlyComment(github, pullRequest)
  if (there !== undefined && (await update(github, there, text))) return there
  const { data } = await github.ask('write the comment', CREATE, { issue_number: pullRequest, body: text })
  const { id } = idSchema.parse(data)
  const kept = (await onlyComment(github, pullRequest)) ?? id
  if (kept !== id) await update(github, kept, text)
  return kept
}

/** The oldest of our comments, the only one after this; undefined where there is none. */
async function onlyComment(github: GitHub, pullRequest: number): Promise<number | undefined> {
  const [first, ...repeated] = await ownComments(github, pullRequest)
  for (const id of repeated) await remove(github, id)
  return first
}

/** Ids of our comments, the oldest first. */
async function ownComments(github: GitHub, pullRequest: number): Promise<number[]> {
  const own: number[] = []
  for (let page = 1; page <= PAGES; page++) {
    const asked = { issue_number: pullRequest, per_page: 100, page }
    const { data } = await github.ask('list the comments of the pull request', LIST, asked)
    const comments = commentsSchema.parse(data)
    own.push(...comments.filter((comment) => isOwn(comment, github.author)).map(({ id }) => id))
    if (comments.length < 100) break
  }
  return own
}

function isOwn({ body, user }: z.infer<typeof commentsSchema>[number], author: string): boolean {
  return user?.login === author && (body ?? '').split(/\r?\n/, 1)[0] === MARKER
}

/** Whether the comment was there to be updated. */
async function update(github: GitHub, id: number, body: string): Promise<boolean> {
  return whereThere(() => github.ask('update the comment', UPDATE, { comment_id: id, body }))
}

async function remove(github: GitHub, id: number): Promise<void> {
  await whereThere(() => github.ask('remove a repeated comment', REMOVE, { comment_id: id }))
}

async function whereThere(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (![404, 410].includes(statusOf(error) ?? 0)) throw error
    return false
  }
}
