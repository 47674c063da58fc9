import { compareAnswers, holm, mcnemar } from '../../scores/compare.ts'
import { pluralize, pValue } from '../../scores/format.ts'
import type { Answer } from '../../scores/predictions.ts'
import type { Scored } from '../../scores/results.ts'
import { code, paragraph, type Section, section, table, text } from '../document.ts'
import { ranked } from '../inputs.ts'

const ABOUT =
  'p is the two-sided mid-p-value of McNemar’s test: the probability that two equally good models differ at least this much ' +
  'by chance. Above 0.05 these images do not tell the two models apart.'
const GROUPED = ' For p, near duplicates count as one image.'
const CORRECTED = ' It is corrected for the number of comparisons (Holm).'

/** The other configurations beside the chosen one, image by image, on the images that chose nothing. */
export function comparisonSections(scored: Readonly<Record<string, Scored>>, chosen = ''): Section[] {
  const reference = unseen(scored[chosen])
  const others = ranked(scored).filter(([name]) => name !== chosen)
  if (reference.length === 0 || others.length === 0) return []
  const comparisons = others.map(([, each]) => compareAnswers(reference, unseen(each)))
  const isGrouped = comparisons.some(({ images, counts }) => counts.images < images)
  const pValues = holm(comparisons.map(({ counts }) => counts).map(({ fixed, broken }) => mcnemar(fixed, broken)))
  const rows = others.map(([name], place) => {
    const { fixed = [], broken = [] } = comparisons[place] ?? {}
    return [name, String(fixed.length), String(broken.length), pValue(pValues[place] ?? Number.NaN)]
  })
  const header = ['Configuration', 'Right where the chosen one is wrong', 'Wrong where it is right', 'p']
  return [
    section({ id: 'comparison', title: text`Compared with ${code(chosen)}`, short: 'Comparison' }, [
      paragraph(`On the ${pluralize(reference.length, 'holdout and test image')}:`),
      table('The other configurations compared with the chosen one', header, rows),
      paragraph(`${ABOUT}${isGrouped ? GROUPED : ''}${others.length > 1 ? CORRECTED : ''}`),
    ]),
  ]
}

/** Validation chose the configuration, so it cannot say how good it is. */
function unseen(scored: Scored | undefined): Answer[] {
  return scored?.predictions.filter(({ part }) => part !== 'validation') ?? []
}
