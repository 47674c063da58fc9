import type { Verdict } from '../evaluation/gate.ts'
import type { Scored } from '../report/scored.ts'
import { explainMisses } from '../report/verdict.ts'

/** What `explainMisses` says, a line a threshold that was missed. */
export function explainEachMiss(
  verdict: Verdict,
  scored: Readonly<Record<string, Scored>>,
  quote?: (name: string) => string,
): string[] {
  return verdict.misses.map((miss) => explainMisses({ ...verdict, misses: [miss] }, scored, quote))
}
