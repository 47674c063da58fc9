import { rankConfigurations, type Verdict } from '../../gate/gate.ts'
import { compareAnswers } from '../../scores/compare.ts'
import { pluralize, pValue } from '../../scores/format.ts'
import type { Answer } from '../../scores/predictions.ts'
import { metricsOf, type Scored } from '../../scores/results.ts'
import { code, paragraph, type Section, text } from '../document.ts'

const ABOUT =
  'p is the exact two-sided p-value of McNemar’s test: the probability that two equally good models differ at least this ' +
  'much by chance. Above 0.05 these images do not tell the two models apart.'

/** The other configurations beside the chosen one, image by image, on the images that chose nothing. */
export function comparisonSections(
  scored: Readonly<Record<string, Scored>>,
  { chosen = '' }: Pick<Verdict, 'chosen'>,
): Section[] {
  const reference = unseen(scored[chosen])
  const others = rankConfigurations(metricsOf(scored)).filter((name) => name !== chosen)
  if (reference.length === 0 || others.length === 0) return []
  const rows = others.map((name) => {
    const { fixed, broken, p } = compareAnswers(reference, unseen(scored[name]))
    return [name, String(fixed.length), String(broken.length), pValue(p)]
  })
  return [
    {
      id: 'comparison',
      title: text`Compared with ${code(chosen)}`,
      short: 'Comparison',
      blocks: [
        paragraph(`On the ${pluralize(reference.length, 'holdout and test image')}:`),
        {
          kind: 'table',
          caption: 'The other configurations compared with the chosen one',
          header: ['Configuration', 'Right where the chosen one is wrong', 'Wrong where it is right', 'p'],
          align: ['l', 'r', 'r', 'r'],
          rows,
        },
        paragraph(ABOUT),
      ],
    },
  ]
}

/** Validation chose the configuration, so it cannot say how good it is. */
function unseen(scored: Scored | undefined): Answer[] {
  return scored?.predictions.filter(({ part }) => part !== 'validation') ?? []
}
