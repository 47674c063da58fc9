import { markdownTable } from 'markdown-table'
import { code } from '../core/markdown.ts'
import { imagesNeeded } from '../gate/gate.ts'
import type { GateParams } from '../gate/params.ts'
import { percent, pluralize } from '../scores/format.ts'
import type { PartMetrics } from '../scores/metrics.ts'
import type { Evaluated } from './evaluations.ts'
import type { Reveal } from './ledger.ts'
import { bestOf, binomialTail } from './luck.ts'

/** What this run and all runs before it were told by the test set of this run. */
export function revealsOfSet(ledger: readonly Reveal[], evaluations: Readonly<Record<string, Evaluated>>): Reveal[] {
  const sets = new Set(Object.values(evaluations).map(({ identity }) => identity.testSet))
  return ledger.filter(({ testSet }) => sets.has(testSet))
}

/** How often the test set was looked at, and what passing it is worth after that. */
export function revealsSection(
  reveals: readonly Reveal[],
  { holdout, test }: Pick<Record<'holdout' | 'test', PartMetrics>, 'holdout' | 'test'>,
  gate: Pick<GateParams, 'test'>,
): string[] {
  const [{ testSet } = { testSet: '' }] = reveals
  if (reveals.length === 0) return []
  return [
    '## How often the test set was looked at',
    `${pluralize(reveals.length, 'model was', 'models were')} shown to the test set so far, those of this run among them ([test-ledger.jsonl](test-ledger.jsonl); set ${code(testSet.slice(0, 12))}). With each of them it gets easier to pass by luck.`,
    ...luck(reveals.length, { holdout, images: test.images, gate }),
  ]
}

function luck(
  reveals: number,
  { holdout, images, gate }: { holdout: PartMetrics; images: number; gate: Pick<GateParams, 'test'> },
): string[] {
  if (holdout.images === 0) return ['There are no holdout images that could say how good the models really are.']
  const needed = imagesNeeded(gate.test, images)
  const row = (name: string, accuracy: number) => {
    const alone = binomialTail(needed, images, accuracy)
    return [name, percent(accuracy), percent(alone), percent(bestOf(reveals, alone))]
  }
  const header = ['Holdout accuracy of the chosen one', '', 'One passes', `The best of ${reveals} passes`]
  const rows = [row('as observed', holdout.correct / holdout.images), row('lower end of its interval', holdout.ci_low)]
  return [
    markdownTable([header, ...rows], { align: ['l', 'r', 'r', 'r'] }),
    `How often models that are right on such a share of all images are right on ${needed} of ${images} by chance (binomial), one alone and the best of ${reveals}.`,
  ]
}
