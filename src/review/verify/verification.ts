import type { Change, StageState, Staleness } from '../../dvc/staleness.ts'

/** How a checkout stands, as far as it can be seen without data. */
export interface Verification extends Staleness {
  /** `stale` also where the gate failed as well. */
  readonly verdict: 'passed' | 'stale' | 'gate failed'
  /** Lists of code in dvc.yaml and packages.json that are not what the imports make them, a line a stage. */
  readonly codeLists: readonly string[]
  /** What in results/ does not agree with itself, a line each. */
  readonly results: readonly string[]
  readonly gate: GateState
}

/** What the gate says of results/; `message` in its own words. */
export interface GateState {
  readonly passed: boolean
  readonly message: string
  /** The parts of the message, one a threshold that was missed. */
  readonly misses?: readonly string[]
}

/** The verdict over all that was looked at. */
export function verificationOf(
  parts: Omit<Verification, keyof Staleness | 'verdict'>,
  staleness: Staleness,
): Verification {
  const { codeLists, results, gate } = parts
  const isStale =
    staleStages(staleness, gate).length + staleness.leftovers.length + codeLists.length + results.length > 0
  return { verdict: isStale ? 'stale' : gate.passed ? 'passed' : 'gate failed', ...staleness, codeLists, results, gate }
}

/** What is stale and why, a line each, and the gate's words when it failed; empty when the verdict is `passed`. */
export function describeFaults(verification: Verification): string[] {
  const { gate } = verification
  const missed = gate.passed ? [] : (gate.misses ?? [gate.message])
  return [...describeStale(verification), ...missed.map((line) => `gate: ${line}`)]
}

/** What is stale and why, a line each; empty when everything is up to date, whatever the gate says. */
export function describeStale({ stages, leftovers, codeLists, results, gate }: Verification): string[] {
  return [
    ...staleStages({ stages }, gate).map(describeStage),
    ...leftovers.map((name) => `${name}: gone from dvc.yaml, still in dvc.lock; run \`npm run repro\``),
    ...codeLists.map((line) => `code of ${line}; run \`npm run deps\``),
    ...results,
  ]
}

/**
 * The stages that have to run again.
 *
 * DVC notes nothing of a stage that failed, so a gate that is missed stays stale however often it runs: where it alone is
 * stale, and fails, that is all there is to say.
 */
function staleStages({ stages }: Pick<Staleness, 'stages'>, gate: GateState): StageState[] {
  const stale = stages.filter(({ changes }) => changes.length > 0)
  return !gate.passed && stale.every(({ group }) => group === 'gate') ? [] : stale
}

/** Changes that a line names; the others are counted. */
const NAMED_CHANGES = 4

function describeStage({ name, changes }: StageState): string {
  const named = changes.slice(0, NAMED_CHANGES).map(describeChange)
  const more = changes.length > NAMED_CHANGES ? [`and ${changes.length - NAMED_CHANGES} more`] : []
  return `${name}: ${[...named, ...more].join(', ')}`
}

function describeChange({ of, name, file, state }: Change): string {
  if (of === 'stage') return 'never ran'
  if (of === 'command') return 'its command changed'
  if (state === 'inconsistent') return `${name} is not what other stages ran on`
  const what = file === undefined ? name : [file, name].filter((word) => word !== '').join(' ')
  return `${what} ${WORDS[state]}`
}

const WORDS = { modified: 'changed', missing: 'is missing', new: 'is new' } as const
