import { COLORS, type Layer } from '../src/report/panels.ts'
import type { Example } from './classifier.ts'
import { dots } from './marks.ts'

/** The examples as marks: class 0 as blue circles, class 1 as orange squares. */
export function exampleLayers(examples: readonly Example[], size: number): Layer[] {
  return [
    dots(
      examples.filter(({ label }) => label === 0),
      { color: COLORS.blue, size },
    ),
    dots(
      examples.filter(({ label }) => label === 1),
      { color: COLORS.orange, shape: 'square', size },
    ),
  ]
}
