/**
 * release: make the release of a tag, with the chosen model, its card and the page.
 *
 * reads   GITHUB_REF_NAME, GITHUB_TOKEN; results/, the remote
 * writes  the release; the output release; the job summary
 */
import { runScript } from '../../src/core/stage.ts'
import { release } from '../../src/github/workflow/release.ts'

await runScript('release', () => release())
