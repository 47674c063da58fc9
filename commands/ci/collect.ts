/**
 * collect: bring every configuration back, report, ask the gate, and put one commit on the branch. Trains nothing.
 *
 * reads   CONFIGURATIONS, SEED, GITHUB_TOKEN, GITHUB_REF_NAME; the remote
 * writes  dvc.lock and results/ as a commit on the branch, a check run on it; the outputs sha, committed, moved, gate; the job summary
 */
import { runScript } from '../../src/core/stage.ts'
import { collect } from '../../src/github/workflow/collect.ts'

await runScript('collect', () => collect())
