import { compareAnswers, mcnemar } from '../../scores/compare.ts'
import { pluralize, pValue } from '../../scores/format.ts'
import type { Answer } from '../../scores/predictions.ts'
import type { Scored } from '../../scores/results.ts'
import { code, paragraph, type Section, section, table, text } from '../document.ts'
import { ranked } from '../inputs.ts'

const ABOUT =
  'p is the exact two-sided p-value of McNemar’s test: the probability that two equally good models differ at least this ' +
  'much by chance. Above 0.05 these images do not tell the two models apart.'

/** The other configurations beside the chosen one, image by image, on the images that chose nothing. */
export function comparisonSections(scored: Readonly<Record<string, Scored>>, chosen = ''): Section[] {
  const reference = unseen(scored[chosen])
  const others = ranked(scored).filter(([name]) => name !== chosen)
  if (reference.length === 0 || others.length === 0) return []
  const rows = others.map(([name, each]) => {
    const { fixed, broken } = compareAnswers(reference, unseen(each))
    const p = mcnemar(fixed.length, broken.length)
    return [name, String(fixed.length), String(broken.length), pValue(p)]
  })
  const header = ['Configuration', 'Right where the chosen one is wrong', 'Wrong where it is right', 'p']
  return [
    section({ id: 'comparison', title: text`Compared with ${code(chosen)}`, short: 'Comparison' }, [
      paragraph(`On the ${pluralize(reference.length, 'holdout and test image')}:`),
      table('The other configurations compared with the chosen one', header, rows),
      paragraph(ABOUT),
    ]),
  ]
}

/** Validation chose the configuration, so it cannot say how good it is. */
function unseen(scored: Scored | undefined): Answer[] {
  return scored?.predictions.filter(({ part }) => part !== 'validation') ?? []
}
