/**
 * publish-review: review a pull request in its one comment, a check run and the job summary; from a fork in the summary alone.
 *
 * reads   GITHUB_EVENT_PATH, BASE, GITHUB_TOKEN, COMMENT_AUTHOR; both commits, from git
 * writes  the outputs verdict and comment
 */
import { runScript } from '../../src/core/stage.ts'
import { publishReview } from '../../src/github/workflow/publish-review.ts'

await runScript('publish-review', () => publishReview())
