import { imagesNeeded } from '../../gate/gate.ts'
import type { Thresholds } from '../../gate/params.ts'
import type { TestSetLook } from '../../records/test-evaluations.ts'
import { percent, pluralize } from '../../scores/format.ts'
import type { Metrics } from '../../scores/metrics.ts'
import { type Block, code, link, paragraph, type Section, text } from '../document.ts'

/** How many models have been evaluated on this test set, and what passing it is worth after that. */
export function looksSections(
  looks: readonly TestSetLook[],
  { holdout, test }: Pick<Metrics, 'holdout' | 'test'>,
  gate: Pick<Thresholds, 'test'>,
): Section[] {
  const [first] = looks
  if (!first) return []
  const count = pluralize(looks.length, 'model has', 'models have')
  return [
    {
      id: 'test-set',
      title: 'Looks at the test set',
      short: 'Test set',
      blocks: [
        paragraph(
          text`${count} been evaluated on this test set so far, those of this run included (set ${code(first.testSet.slice(0, 12))}; all of them are in ${link('test-evaluations.jsonl', '../records/test-evaluations.jsonl')}). The more models there are, the likelier it is that one passes by chance.`,
        ),
        ...chances(looks.length, holdout, { images: test.images, threshold: gate.test }),
      ],
    },
  ]
}

function chances(
  looks: number,
  holdout: Metrics['holdout'],
  { images, threshold }: { readonly images: number; readonly threshold: number },
): Block[] {
  if (holdout.images === 0) return [paragraph('Without holdout images, nothing says how good the models really are.')]
  const needed = imagesNeeded(threshold, images)
  const row = (name: string, accuracy: number) => {
    const alone = passByChance(needed, images, accuracy)
    return [name, percent(accuracy), percent(alone), percent(bestOf(looks, alone))]
  }
  return [
    {
      kind: 'table',
      caption: 'How likely the test set is passed by chance',
      header: ['If the chosen one is as good as', 'Accuracy', 'One model passes', `The best of ${looks} passes`],
      align: ['l', 'r', 'r', 'r'],
      rows: [
        row('its holdout accuracy', holdout.correct / holdout.images),
        row('the lower end of its interval', holdout.ci_low),
      ],
    },
    paragraph(
      `The probability that models of this accuracy classify at least ${needed} of ${images} test images correctly (binomial): one model, and the best of ${looks} independent ones.`,
    ),
  ]
}

/**
 * The probability of at least `needed` successes in `trials` independent trials: the upper tail of the binomial distribution.
 *
 * Summed in logarithms, so that no term underflows.
 * Source: https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.binom.html (`binom.sf(needed - 1, trials, accuracy)`)
 */
export function passByChance(needed: number, trials: number, accuracy: number): number {
  if (Number.isNaN(accuracy)) return Number.NaN
  if (needed <= 0) return 1
  if (needed > trials || accuracy <= 0) return 0
  if (accuracy >= 1) return 1
  let logTerm = trials * Math.log1p(-accuracy)
  const logOdds = Math.log(accuracy) - Math.log1p(-accuracy)
  let tail = 0
  for (let k = 0; k <= trials; k++) {
    if (k > 0) logTerm += Math.log((trials - k + 1) / k) + logOdds
    if (k >= needed) tail += Math.exp(logTerm)
  }
  return Math.min(1, tail)
}

/** The probability that the best of `tries` independent tries succeeds: 1 - (1 - chance)^tries. */
export function bestOf(tries: number, chance: number): number {
  return -Math.expm1(tries * Math.log1p(-chance))
}
