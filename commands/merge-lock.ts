/** merge-lock: what git runs to merge two versions of dvc.lock (.gitattributes; set-up tells git of it). */
import { readFile } from 'node:fs/promises'
import { runCommand } from '../src/command-line/arguments.ts'
import { ConfigError, DataError } from '../src/core/errors.ts'
import { writeFileAtomically } from '../src/core/files.ts'
import { mergeLocks } from '../src/dvc/merge-lock.ts'

const HELP = `merge-lock: merge two versions of dvc.lock, stage by stage

usage: npm run merge-lock -- BASE OURS THEIRS

Git runs this in a merge. A stage that one side changed is taken from there, and
the entries of report and gate are dropped: \`npm run repro\` writes them again. A
stage that both sides changed is a conflict. OURS receives the result.`

await runCommand('merge-lock', { help: HELP, options: {}, words: 3 }, async ({ words }) => {
  const [base, ours, theirs] = words
  if (base === undefined || ours === undefined || theirs === undefined) {
    throw new ConfigError(`Expected three files, received ${words.length}. See --help.`)
  }
  const [before, own, other] = await Promise.all([base, ours, theirs].map((path) => readFile(path, 'utf8')))
  const { text, conflicts } = mergeLocks(before ?? '', own ?? '', other ?? '')
  await writeFileAtomically(ours, text)
  if (conflicts.length > 0) {
    throw new DataError(
      `Expected each stage of dvc.lock to differ on one side only, received changes on both to ${conflicts.join(', ')}. Keep one side of each, or remove the lines of both, in dvc.lock; then run \`npm run repro\`, which trains only what neither side has trained.`,
    )
  }
  return 'dvc.lock merged; run `npm run repro` after the merge, which writes results/ again'
})
