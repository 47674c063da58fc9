import { isDeepStrictEqual } from 'node:util'
import { type Lock, linesOfStages, parseLock } from './lock.ts'

/** `npm run repro` writes these again, from what the other stages made. */
const REWRITTEN: readonly string[] = ['report', 'gate']

const HEADER = "schema: '2.0'\nstages:\n"

export interface MergedLock {
  /** With conflict markers around each stage in conflict. */
  readonly text: string
  /** Stages that both sides changed, in different ways. */
  readonly conflicts: readonly string[]
}

/**
 * Merges two versions of dvc.lock stage by stage: a stage that one side added, changed or removed is taken from there. The entries
 * of report and gate, which depend on every configuration, are dropped.
 *
 * @param base text of their common ancestor; empty if there is none
 * @throws BrokenError if a version is not a complete dvc.lock
 */
export function mergeLocks(base: string, ours: string, theirs: string): MergedLock {
  const [before, own, others] = [sideOf(base), sideOf(ours), sideOf(theirs)] as const
  const conflicts: string[] = []
  const merged = [...new Set([...own.stages.keys(), ...others.stages.keys()])]
    .filter((name) => !REWRITTEN.includes(name))
    .map((name) => {
      const agree = (a: Side, b: Side) => isDeepStrictEqual(a.stages.get(name), b.stages.get(name))
      if (agree(own, others) || agree(others, before)) return linesOf(own, name)
      if (agree(own, before)) return linesOf(others, name)
      conflicts.push(name)
      return `<<<<<<< ours\n${linesOf(own, name)}=======\n${linesOf(others, name)}>>>>>>> theirs\n`
    })
  return { text: HEADER + merged.join(''), conflicts }
}

interface Side {
  readonly stages: Lock
  readonly lines: ReadonlyMap<string, string>
}

function sideOf(text: string): Side {
  return text === '' ? { stages: new Map(), lines: new Map() } : { stages: parseLock(text), lines: linesOfStages(text) }
}

function linesOf({ lines }: Side, name: string): string {
  return lines.get(name) ?? ''
}
