import { classesOf } from '../core/csv.ts'
import type { SplitRow } from '../dataset/split.ts'
import type { Needed, SplitParams } from './params.ts'

/** Why the gate will fail on a split whatever is trained, a line each. */
export function shortagesOf(
  rows: readonly Pick<SplitRow, 'label' | 'part'>[],
  { split, gate }: { readonly split: SplitParams; readonly gate: Needed },
): string[] {
  const validation = rows.filter(({ part }) => part === 'validation').length
  const test = rows.filter(({ part }) => part === 'test')
  const classes = classesOf(rows.filter(({ part }) => part !== 'test'))
  const untested = classes.filter((label) => !test.some((row) => row.label === label))
  const inAll = Math.ceil(gate.minValidationImages / split.validation)
  const remedy = Number.isFinite(inAll) ? `have about ${inAll} images for training, or ` : ''
  return [
    ...(validation < gate.minValidationImages
      ? [
          `the gate will fail: it needs ${gate.minValidationImages} validation images (gate.minValidationImages), split gives ${validation}; ${remedy}raise split.validation`,
        ]
      : []),
    ...(test.length < gate.minTestImages
      ? [
          `the gate will fail: it needs ${gate.minTestImages} test images (gate.minTestImages), there are ${test.length}; add test images`,
        ]
      : []),
    ...(test.length > 0 && untested.length > 0
      ? [`the gate will fail: it needs test images of every class, there are none of ${untested.join(', ')}`]
      : []),
  ]
}
