/**
 * review: the chosen model of a commit beside that of its base, from what is in git: no data, no training.
 *
 * usage   npm run review -- --base REF [--head REF] [--markdown FILE] | --help
 * reads   params.yaml, results/ of both commits; dvc.lock and what it belongs to, where the head is checked out
 * writes  FILE
 */
import { readArguments } from '../src/command-line/arguments.ts'
import { ConfigError } from '../src/core/errors.ts'
import { writeFileAtomically } from '../src/core/files.ts'
import { runScript } from '../src/core/stage.ts'
import { formatReview } from '../src/review/markdown.ts'
import { readReview } from '../src/review/review.ts'
import { requireReviewPassed } from '../src/review/words.ts'

const HELP = `review: is the model that this commit chose significantly worse than the one of its base? Both are read from git.

usage: npm run review -- --base REF [options]
  --base REF                                       a branch, tag or hash; empty: there is none
  --head REF                                       what is reviewed; HEAD
  --markdown FILE                                  writes all that a reviewer wants to see
  --help                                           this text

Fails when the gate is missed, when the chosen model is significantly worse on the holdout and test images that both have
(gate.regression in params.yaml), and when results/ does not belong to the commit that is checked out.`

const OPTIONS = { base: { type: 'string' }, head: { type: 'string' }, markdown: { type: 'string' } } as const

await runScript('review', async () => {
  const given = readArguments(process.argv.slice(2), { help: HELP, options: OPTIONS, words: 0 })
  if (!given) return undefined
  const { base, head = 'HEAD', markdown } = given.values
  if (base === undefined)
    throw new ConfigError('Expected --base REF, received none. Name the branch that this is to go into.')
  const review = await readReview({ base, head })
  if (markdown !== undefined) await writeFileAtomically(markdown, formatReview(review))
  return requireReviewPassed(review)
})
