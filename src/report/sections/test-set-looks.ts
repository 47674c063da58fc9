import { sharedShare } from '../../core/test-set.ts'
import { imagesNeeded } from '../../gate/gate.ts'
import type { Thresholds } from '../../gate/params.ts'
import { looksOf, type TestSetLook, withLooksAtHand } from '../../records/test-evaluations.ts'
import { percent, pluralize } from '../../scores/format.ts'
import { binomialTail } from '../../scores/interval.ts'
import type { Metrics } from '../../scores/metrics.ts'
import { type Block, code, link, paragraph, type Section, section, table, text } from '../document.ts'
import type { Evaluated, Evaluations } from '../inputs.ts'

/** Test sets that share at least this much of their images count as one, so that changing an image does not hide earlier looks. */
const SAME_SET = 0.5

/**
 * How many models have been evaluated on the test set of these evaluations, and what passing it is worth after that.
 *
 * Counts the looks that are recorded and those that the evaluations themselves are, so that the report does not depend on
 * when a look is recorded.
 */
export function looksSections(
  recorded: readonly TestSetLook[],
  evaluations: Evaluations,
  { metrics: { holdout, test }, identity: { testSet, testSample } }: Pick<Evaluated, 'metrics' | 'identity'>,
  gate: Pick<Thresholds, 'validation' | 'test'>,
): Section[] {
  const own = Object.entries(evaluations).flatMap(([name, { identity, metrics }]) => looksOf(name, identity, metrics))
  const isSame = (look: TestSetLook) =>
    look.testSet === testSet || sharedShare(look.testSample ?? [], testSample) >= SAME_SET
  const looks = withLooksAtHand(recorded, own).filter(isSame)
  if (looks.length === 0) return []
  const models = new Map(looks.map((look) => [look.model, look]))
  const tries = models
    .values()
    .filter((look) => couldPass(look, gate.validation))
    .toArray().length
  const sets = new Set(looks.map((look) => look.testSet)).size
  const count = pluralize(models.size, 'model has', 'models have')
  const others =
    sets > 1 ? `, or on ${pluralize(sets - 1, 'other')} that ${sets > 2 ? 'share' : 'shares'} most of its images` : ''
  return [
    section({ id: 'test-set', title: 'Looks at the test set', short: 'Test set' }, [
      paragraph(
        text`${count} been evaluated on this test set so far, ${models.size === 1 ? 'that' : 'those'} of this run included (set ${code(testSet.slice(0, 12))}${others}; all of them are in ${link('test-evaluations.jsonl', '../records/test-evaluations.jsonl')}). ${tries === models.size ? 'The more models there are' : `${tries === 0 ? 'None' : tries} of them could have passed the gate, with at least ${percent(gate.validation)} on validation. The more there are`}, the likelier it is that one passes by chance.`,
      ),
      ...chances(tries, holdout, { images: test.images, threshold: gate.test }),
    ]),
  ]
}

/** Whether the gate could have passed a model, had it been chosen; true where its validation accuracy was not recorded. */
function couldPass({ validation }: TestSetLook, threshold: number): boolean {
  return validation === undefined || validation.correct / validation.images >= threshold
}

function chances(
  tries: number,
  holdout: Metrics['holdout'],
  { images, threshold }: { readonly images: number; readonly threshold: number },
): Block[] {
  if (holdout.images === 0) return [paragraph('Without holdout images, nothing says how good the models really are.')]
  const needed = imagesNeeded(threshold, images)
  const row = (name: string, accuracy: number) => {
    const alone = binomialTail(needed, images, accuracy)
    const range = tries > 1 ? [`${percent(alone)} to ${percent(bestOf(tries, alone))}`] : []
    return [name, percent(accuracy), percent(alone), ...range]
  }
  const header = ['If the chosen one is as good as', 'Accuracy', 'One model passes', `The best of ${tries} passes`]
  const bounds =
    tries > 1
      ? ` The best of ${tries} passes as often as one model if all fail on the same images, and as often as the higher figure if they fail independently; models that find some of the same images hard lie between.`
      : ''
  return [
    table('How likely the test set is passed by chance', header.slice(0, tries > 1 ? 4 : 3), [
      row('its holdout accuracy', holdout.correct / holdout.images),
      row('the lower end of its interval', holdout.ci_low),
    ]),
    paragraph(
      `The probability that a model of this accuracy classifies at least ${needed} of ${images} test images correctly (binomial).${bounds}`,
    ),
  ]
}

/** The probability that the best of `tries` independent tries succeeds: 1 - (1 - chance)^tries. */
export function bestOf(tries: number, chance: number): number {
  return -Math.expm1(tries * Math.log1p(-chance))
}
