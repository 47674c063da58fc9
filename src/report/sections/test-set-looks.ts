import { imagesNeeded } from '../../gate/gate.ts'
import { looksOf, type TestSetLook, withLooksAtHand } from '../../records/test-evaluations.ts'
import { percent, pluralize } from '../../scores/format.ts'
import { binomialTail } from '../../scores/interval.ts'
import type { Metrics } from '../../scores/metrics.ts'
import { type Block, code, link, paragraph, type Section, section, table, text } from '../document.ts'
import type { Evaluated, Evaluations } from '../inputs.ts'

/**
 * How many models have been evaluated on the test set of these evaluations, and what passing it is worth after that.
 *
 * Counts the looks that are recorded and those that the evaluations themselves are, so that the report does not depend on
 * when a look is recorded.
 */
export function looksSections(
  recorded: readonly TestSetLook[],
  evaluations: Evaluations,
  { metrics: { holdout, test } }: Pick<Evaluated, 'metrics'>,
  threshold: number,
): Section[] {
  const own = Object.entries(evaluations).flatMap(([name, { identity, metrics }]) => looksOf(name, identity, metrics))
  const sets = new Set(Object.values(evaluations).map(({ identity }) => identity.testSet))
  const looks = withLooksAtHand(recorded, own).filter(({ testSet }) => sets.has(testSet))
  const [first] = looks
  if (!first) return []
  const count = pluralize(looks.length, 'model has', 'models have')
  return [
    section({ id: 'test-set', title: 'Looks at the test set', short: 'Test set' }, [
      paragraph(
        text`${count} been evaluated on this test set so far, ${looks.length === 1 ? 'that' : 'those'} of this run included (set ${code(first.testSet.slice(0, 12))}; all of them are in ${link('test-evaluations.jsonl', '../records/test-evaluations.jsonl')}). The more models there are, the likelier it is that one passes by chance.`,
      ),
      ...chances(looks.length, holdout, { images: test.images, threshold }),
    ]),
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
    const alone = binomialTail(needed, images, accuracy)
    return [name, percent(accuracy), percent(alone), percent(bestOf(looks, alone))]
  }
  const header = ['If the chosen one is as good as', 'Accuracy', 'One model passes', `The best of ${looks} passes`]
  return [
    table('How likely the test set is passed by chance', header, [
      row('its holdout accuracy', holdout.correct / holdout.images),
      row('the lower end of its interval', holdout.ci_low),
    ]),
    paragraph(
      `The probability that models of this accuracy classify at least ${needed} of ${images} test images correctly (binomial): one model, and the best of ${looks} independent ones.`,
    ),
  ]
}

/** The probability that the best of `tries` independent tries succeeds: 1 - (1 - chance)^tries. */
export function bestOf(tries: number, chance: number): number {
  return -Math.expm1(tries * Math.log1p(-chance))
}
