import { PaddockError } from '../core/errors.ts'
import { readStaleness } from '../dvc/read-staleness.ts'
import type { StageState } from '../dvc/staleness.ts'
import { resolveCommit } from '../git/read.ts'

/** Whether dvc.lock and results/ belong to what is committed. */
export interface Verification {
  /** `unknown`: it was not looked at, and `lines` says why. */
  readonly state: 'up to date' | 'stale' | 'broken' | 'unknown'
  /** What is stale or broken, and why; a line each. */
  readonly lines: readonly string[]
}

/** Changes that a line names; the others are counted. */
const NAMED_CHANGES = 3

/** Asks what `verify` asks, of the checkout: so it is looked at where the commit is the one that is checked out. */
export async function readVerification(commit: string, folder = '.'): Promise<Verification> {
  if ((await resolveCommit('HEAD', folder)) !== commit) {
    return { state: 'unknown', lines: ['another commit is checked out.'] }
  }
  try {
    const { stages, leftovers } = await readStaleness(folder)
    const lines = [
      ...stages.filter(({ changes }) => changes.length > 0).map(describeStage),
      ...leftovers.map((name) => `${name}: in dvc.lock, and no longer in dvc.yaml`),
    ]
    return { state: lines.length > 0 ? 'stale' : 'up to date', lines }
  } catch (error) {
    if (!(error instanceof PaddockError)) throw error
    return { state: 'broken', lines: [error.message] }
  }
}

function describeStage({ name, changes }: StageState): string {
  const named = changes.slice(0, NAMED_CHANGES).map((change) => `${change.of} ${change.name} ${change.state}`)
  const others = changes.length - named.length
  return `${name}: ${[...named, ...(others > 0 ? [`and ${others} more`] : [])].join(', ')}`
}
