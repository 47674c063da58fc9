import { markdownTable } from 'markdown-table'
import { code } from '../core/markdown.ts'
import { rankConfigurations, type Verdict } from '../gate/gate.ts'
import { compareAnswers } from '../scores/compare.ts'
import { pValue } from '../scores/format.ts'
import type { Answer } from '../scores/predictions.ts'
import { metricsOf, type Scored } from '../scores/results.ts'

const HEADER = ['Configuration', 'Right where the chosen one is wrong', 'Wrong where it is right', 'p']

const ABOUT =
  'p (McNemar, exact, two-sided): how often chance alone parts two equally good models that far. Above 0.05 these images do ' +
  'not tell them apart.'

/** The other configurations beside the chosen one, image by image, on the images that chose nothing. */
export function comparisonSection(
  scored: Readonly<Record<string, Scored>>,
  { chosen = '' }: Pick<Verdict, 'chosen'>,
): string[] {
  const reference = unseen(scored[chosen])
  const others = rankConfigurations(metricsOf(scored)).filter((name) => name !== chosen)
  if (reference.length === 0 || others.length === 0) return []
  const rows = others.map((name) => {
    const { fixed, broken, p } = compareAnswers(reference, unseen(scored[name]))
    return [name, String(fixed.length), String(broken.length), pValue(p)]
  })
  return [
    `## Beside ${code(chosen)}`,
    `On the ${reference.length} holdout and test images:`,
    markdownTable([HEADER, ...rows], { align: ['l', 'r', 'r', 'r'] }),
    ABOUT,
  ]
}

/** Validation chose the chosen one, so it cannot say how good it is. */
function unseen(scored: Scored | undefined): Answer[] {
  return scored?.predictions.filter(({ part }) => part !== 'validation') ?? []
}
