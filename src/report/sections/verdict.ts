import type { Verdict } from '../../gate/gate.ts'
import type { Thresholds } from '../../gate/params.ts'
import { explainMisses } from '../../gate/verdict.ts'
import { accuracy, percent, pluralize, whole } from '../../scores/format.ts'
import type { Scored } from '../../scores/results.ts'
import { type Block, code, list, paragraph, strong, text, withNames } from '../document.ts'

export function verdictBlocks(
  scored: Readonly<Record<string, Scored>>,
  verdict: Verdict,
  gate: Pick<Thresholds, 'validation' | 'test'>,
): Block[] {
  const metrics = scored[verdict.chosen ?? '']?.metrics
  if (metrics && verdict.misses.length === 0) {
    const { validation, test } = metrics
    const count = Object.keys(scored).length
    const best =
      count > 1 ? `the best validation accuracy of ${pluralize(count, 'configuration')}` : 'a validation accuracy'
    const chosen = code(verdict.chosen ?? '')
    return [
      paragraph(
        text`${strong('Gate passed.')} ${chosen} has ${best}, ${accuracy(validation)}; the gate asks for ${percent(gate.validation)}. On the test images it reaches ${accuracy(test)}; the gate asks for ${percent(gate.test)}. ${test.images === 1 ? 'This one test image shows' : `These ${whole(test.images)} test images show`} with 95 % confidence that it is right on at least ${percent(test.accuracy_at_least)} of images like them.`,
      ),
    ]
  }
  const reasons = verdict.misses.map((miss) =>
    withNames((quote) => explainMisses({ ...verdict, misses: [miss] }, scored, quote)),
  )
  const [first = []] = reasons
  if (reasons.length < 2) return [paragraph([strong('Gate failed.'), ' ', ...first])]
  return [paragraph(text`${strong('Gate failed.')} ${pluralize(reasons.length, 'reason')}:`), list(reasons)]
}
