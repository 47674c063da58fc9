/**
 * review: compares the model that a commit chose with that of its base, from git alone: no data, no training.
 *
 * reads   both commits: params.yaml, results/, records/, dvc.lock and what it depends on
 * writes  FILE
 */
import { runCommand } from '../src/command-line/arguments.ts'
import { ConfigError } from '../src/core/errors.ts'
import { writeFileAtomically } from '../src/core/files.ts'
import { requireReviewPassed } from '../src/review/explain.ts'
import { formatReview } from '../src/review/markdown.ts'
import { readReview } from '../src/review/review.ts'

const HELP = `review: is the model that a commit chose significantly worse than that of its
base?

usage: npm run review -- --base REF [options]
  --base REF       a branch, tag or hash; empty for none
  --head REF       the commit to review (default: HEAD)
  --markdown FILE  write the full review to a file
  --help           show this text

Reads both commits from git; the thresholds are the base's. Fails when the gate
is missed, when the chosen model is significantly worse on the holdout and test
images that both commits have (gate.regression in params.yaml), when results/
and dvc.lock do not match the commit, and when lines of records/ are removed.
Warns about lower thresholds, a changed test set, excluded images that were
evaluated, and changes to the code that judges.`

const OPTIONS = { base: { type: 'string' }, head: { type: 'string' }, markdown: { type: 'string' } } as const

await runCommand(
  'review',
  { help: HELP, options: OPTIONS, paths: ['markdown'] },
  async ({ values: { base, head = 'HEAD', markdown } }) => {
    if (base === undefined) throw new ConfigError('Expected --base REF, received none. Name the branch to merge into.')
    const review = await readReview({ base, head })
    if (markdown !== undefined) await writeFileAtomically(markdown, formatReview(review))
    return requireReviewPassed(review)
  },
)
