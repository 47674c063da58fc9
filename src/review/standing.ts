import { messageOf } from '../core/errors.ts'
import { BrokenError } from '../dvc/broken.ts'
import { resolveCommit } from '../git/read.ts'
import { readVerification } from './verify/read-verification.ts'
import { describeStale } from './verify/verification.ts'

/** Whether dvc.lock and results/ belong to what is committed. */
export interface Standing {
  /** `unknown`: it was not looked at, and `lines` says why. */
  readonly state: 'up to date' | 'stale' | 'broken' | 'unknown'
  /** What is stale or broken, and why; a line each. */
  readonly lines: readonly string[]
}

/** Asks what `npm run verify` asks, of the checkout in the current folder: of another commit nothing can be said. */
export async function readStanding(commit: string): Promise<Standing> {
  if ((await resolveCommit('HEAD')) !== commit) return { state: 'unknown', lines: ['another commit is checked out.'] }
  try {
    const lines = describeStale(await readVerification()) // the review asks the gate itself
    return { state: lines.length > 0 ? 'stale' : 'up to date', lines }
  } catch (error) {
    if (!(error instanceof BrokenError)) throw error
    return { state: 'broken', lines: [messageOf(error)] }
  }
}
