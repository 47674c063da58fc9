import { z } from 'zod'
import { type GitHub, GitHubError, listAll } from './client.ts'
import { cutMarkdown, LIMITS } from './cut.ts'

/** The first line of our comment; GitHub does not show it. */
export const MARKER = '<!-- paddock: review -->'

const commentSchema = z.object({
  id: z.number(),
  body: z.string().nullish(),
  user: z.object({ login: z.string() }).nullable(),
})

const LIST = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'
const CREATE = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
const UPDATE = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}'
const DELETE = 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}'

/**
 * Writes the one comment of a pull request: creates it the first time, updates it afterwards, and creates it again if it was deleted.
 *
 * A comment is ours if our author wrote it and its first line is the marker. Duplicates, from two runs at once or a lost response,
 * are deleted; the oldest is kept.
 *
 * @param comment Markdown, and the URL of the full text for a body that has to be cut
 * @returns the comment's id
 * @throws GitHubError
 */
export async function writeStickyComment(
  github: GitHub,
  comment: { readonly pullRequest: number; readonly body: string; readonly fullTextUrl: string },
): Promise<number> {
  const { pullRequest, body, fullTextUrl } = comment
  const text = cutMarkdown(`${MARKER}\n${body}`, { limit: LIMITS.comment, fullTextUrl })
  const existing = await keepOldest(github, pullRequest)
  if (existing !== undefined && (await update(github, existing, text))) return existing
  const created = await github.request('create the comment', CREATE, { issue_number: pullRequest, body: text })
  const { id } = z.object({ id: z.number() }).parse(created)
  const kept = (await keepOldest(github, pullRequest)) ?? id
  if (kept !== id) await update(github, kept, text)
  return kept
}

/** Deletes all of our comments but the oldest. Returns its id; undefined if there is none. */
async function keepOldest(github: GitHub, pullRequest: number): Promise<number | undefined> {
  const own: number[] = []
  const list = listAll(github, 'list the comments of the pull request', LIST, { issue_number: pullRequest })
  for await (const item of list) {
    const { id, body, user } = commentSchema.parse(item)
    if (user?.login === github.author && (body ?? '').split(/\r?\n/, 1)[0] === MARKER) own.push(id)
  }
  const [oldest, ...duplicates] = own
  for (const id of duplicates) {
    await ifExists(() => github.request('delete a duplicate comment', DELETE, { comment_id: id }))
  }
  return oldest
}

/** Returns false if the comment no longer exists. */
async function update(github: GitHub, id: number, body: string): Promise<boolean> {
  return ifExists(() => github.request('update the comment', UPDATE, { comment_id: id, body }))
}

async function ifExists(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof GitHubError && [404, 410].includes(error.status ?? 0)) return false
    throw error
  }
}
