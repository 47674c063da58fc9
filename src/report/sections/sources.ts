import { accuracyWithInterval, whole } from '../../scores/format.ts'
import { accuracyInterval, independentImages } from '../../scores/interval.ts'
import { EVALUATED_PARTS, isWrong } from '../../scores/predictions.ts'
import type { DataCard } from '../data-card.ts'
import { code, paragraph, type Section, section, table, text } from '../document.ts'
import type { Evaluated } from '../inputs.ts'

/** Sources that the table lists; the others are a row together. */
const LISTED = 20

type Origins = DataCard['origins']
type Images = Evaluated['predictions']

/** The accuracy of the chosen configuration on the images of each source, the largest first; nothing where there is only one. */
export function sourcesSections(
  chosen: string,
  { predictions }: Pick<Evaluated, 'predictions'>,
  origins: Origins,
): Section[] {
  const sourceOf = ({ id }: Images[number]): string => origins.get(id)?.source ?? 'unknown'
  const bySource = [...Map.groupBy(predictions, sourceOf)]
  if (bySource.length < 2) return []
  bySource.sort(([a, many], [b, more]) => more.length - many.length || (a < b ? -1 : 1))
  const others = bySource.slice(LISTED)
  const rows = [
    ...bySource.slice(0, LISTED),
    ...(others.length > 0 ? [[`${whole(others.length)} more`, others.flatMap(([, images]) => images)] as const] : []),
  ].map(([source, images]) => [
    source,
    ...EVALUATED_PARTS.map((part) =>
      accuracyOf(
        images.filter((image) => image.part === part),
        origins,
      ),
    ),
  ])
  return [
    section({ id: 'sources', title: text`Accuracy of ${code(chosen)} by source`, short: 'Sources' }, [
      table('Accuracy by source', ['Source', 'Validation', 'Holdout', 'Test'], rows),
      paragraph(ABOUT),
    ]),
  ]
}

const ABOUT =
  'Intervals as above. The model saw images of the same sources in training, so a new source may do worse than any of these.'

function accuracyOf(images: Images, origins: Origins): string {
  const sizes = [...Map.groupBy(images, ({ id }) => origins.get(id)?.group ?? id).values()].map(({ length }) => length)
  const counted = { correct: images.filter((image) => !isWrong(image)).length, images: images.length }
  const { low, high } = accuracyInterval({ ...counted, independent: independentImages(sizes) })
  const accuracy = counted.correct / counted.images
  return accuracyWithInterval({ ...counted, accuracy, ci_low: low, ci_high: high })
}
