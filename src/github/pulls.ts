import { z } from 'zod'
import { type GitHub, listAll } from './client.ts'
import { parseWith } from './job.ts'

const sha = z.string().regex(/^[0-9a-f]{40,64}$/, 'must be a hash')

/** A pull request, as far as a review needs it. */
export const pullRequestSchema = z.object({
  number: z.int().positive(),
  head: z.object({ sha, repo: z.object({ full_name: z.string() }).nullable() }),
  base: z.object({ sha, ref: z.string() }),
})
export type PullRequest = z.infer<typeof pullRequestSchema>

const LIST = 'GET /repos/{owner}/{repo}/pulls'

/** The open pull requests of a branch, with a given commit as their head: GitHub may not show it yet. @throws GitHubError */
export async function listPullRequests(github: GitHub, branch: string, head: string): Promise<PullRequest[]> {
  const pulls: PullRequest[] = []
  const given = { state: 'open', head: `${github.owner}:${branch}` }
  for await (const item of listAll(github, 'list the pull requests of the branch', LIST, given)) {
    const pull = parseWith(pullRequestSchema, item, 'a pull request')
    pulls.push({ ...pull, head: { ...pull.head, sha: head } })
  }
  return pulls
}
