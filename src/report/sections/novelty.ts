import { MISSING, percent, whole } from '../../scores/format.ts'
import type { NoveltyMetrics, RefusalCount } from '../../scores/metrics.ts'
import { EVALUATED_PARTS } from '../../scores/predictions.ts'
import { type Block, code, type Inline, list, paragraph, type Section, section, table, text } from '../document.ts'
import { type Evaluated, ranked } from '../inputs.ts'
import { configurationName } from './results-table.ts'

type ByName = Readonly<Record<string, Pick<Evaluated, 'metrics'>>>

/** How images unlike the training images are refused, and how many images are that should and should not be. */
export function noveltySections(evaluations: ByName, chosen = ''): Section[] {
  const measured = ranked(evaluations).flatMap(
    ([
      name,
      {
        metrics: { mode, novelty },
      },
    ]) => (novelty ? [{ name, mode, novelty }] : []),
  )
  const [first] = measured
  if (!first) return []
  const title = 'Images that are none of these'
  const header = ['Configuration', 'Distance limit', 'Validation', 'Holdout', 'Test', 'Left-out classes']
  const rows = measured.map(({ name, novelty: { limit, refused, left_out } }) => [
    configurationName(name, chosen),
    limit === null ? MISSING : limit.toFixed(3),
    ...EVALUATED_PARTS.map((part) => (limit === null ? MISSING : shareOf(refused[part]))),
    left_out === null ? MISSING : percent(meanShare(left_out)),
  ])
  return [
    section({ id: 'novelty', title, short: 'None of these' }, [
      paragraph(about(measured.find(({ name }) => name === chosen)?.novelty ?? first.novelty)),
      table('Images refused as none of the classes', header, rows),
      list(measured.map(({ name, mode, novelty }) => text`${code(name)}: ${describeOutcome(mode, novelty)}.`)),
      ...leftOutBlocks(evaluations[chosen]?.metrics.novelty),
    ]),
  ]
}

function about({ false_refusals: rate, references, neighbours }: NoveltyMetrics): Inline[] {
  const promise =
    rate === null ? '' : `, so that on average at most ${percent(rate)} of new images like them lie beyond it`
  return text`An image beyond the limit gets no class: predict, serve, the demo and the exported model answer ${code('null')}, none of these. The distance is the cosine distance between its features, the input of the last layer, and those of the ${neighbours === 1 ? '' : `${ordinal(neighbours)} `}nearest of ${whole(references)} training images. The limit comes from the validation images${promise} (${code('evaluate.falseRefusals')}). Validation, holdout and test: images of the classes that are refused; the limit decides how many of validation are, holdout and test measure it. Left-out classes: images that should be refused. Each class is left out in turn, and its images compared with the training images of the others, at a limit for the same rate from the validation images of the others; the column is the mean over the classes.`
}

/** Why there is no limit, or what is known about images of other classes. */
function describeOutcome(mode: string, { limit, outcome, left_out }: NoveltyMetrics): string {
  if (limit === null) {
    return outcome === 'switched off'
      ? 'every image gets a class, since evaluate.falseRefusals is null'
      : 'every image gets a class, since there are too few validation images for a limit at this rate'
  }
  if (left_out !== null) return 'its features were trained on other images, though perhaps of the same classes'
  return mode === 'transfer'
    ? 'without one of the classes, too few validation images remain for a limit at this rate'
    : 'how many foreign images it refuses is not known: its features were trained on every class, so leaving one out would flatter it'
}

function leftOutBlocks({ left_out = null }: Partial<NoveltyMetrics> = {}): Block[] {
  if (left_out === null) return []
  const rows = [...left_out].map(([name, count]) => [name, shareOf(count)])
  return [
    paragraph(
      'Each class, left out of the chosen configuration. Images of other kinds may be easier or harder to recognize:',
    ),
    table('Images of each left-out class that are refused', ['Class', 'Refused'], rows),
  ]
}

/** `3.3 % (3/90)` */
function shareOf({ refused, images }: RefusalCount): string {
  return images === 0 ? MISSING : `${percent(refused / images)} (${refused}/${images})`
}

function meanShare(counts: ReadonlyMap<string, RefusalCount>): number {
  const shares = [...counts.values()].filter(({ images }) => images > 0).map(({ refused, images }) => refused / images)
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}

/** From 2 to 10. */
function ordinal(number: number): string {
  return ['2nd', '3rd'][number - 2] ?? `${number}th`
}
