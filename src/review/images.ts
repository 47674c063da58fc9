import { markdownTable } from 'markdown-table'
import { pluralize, pValue } from '../scores/format.ts'
import { folded } from './folded.ts'
import { literal } from './literal.ts'
import type { Compared } from './regression.ts'
import type { Review } from './review.ts'
import { counted } from './words.ts'

/** Newly wrong images that are shown at once; more are folded away. */
const OPEN = 10
/** Images that a table holds. */
const NAMED = 200

/** Which images were fixed, and which are newly wrong. */
export function imagesSection({ regression }: Review): string[] {
  if (regression.kind === 'no base') return []
  const { fixed, broken, relabelled, images } = regression.comparison
  const newly = table(regression, broken)
  return [
    '### Images',
    `${literal(regression.after)} beside ${literal(regression.before)} on ${pluralize(images, 'holdout and test image')}: ${counted(regression)}, p = ${pValue(regression.difference.p)}.`,
    ...(broken.length > 0 && broken.length <= OPEN ? ['**Newly wrong**', newly] : []),
    ...(broken.length > OPEN ? [folded(`${broken.length} newly wrong`, newly)] : []),
    ...(fixed.length > 0 ? [folded(`${fixed.length} fixed`, table(regression, fixed))] : []),
    ...(relabelled.length > 0
      ? [
          folded(
            `${relabelled.length} with another label, left out`,
            relabelled
              .slice(0, NAMED)
              .map((id) => `- ${literal(id)}`)
              .join('\n'),
          ),
        ]
      : []),
  ]
}

function table({ images }: Compared, ids: readonly string[]): string {
  const rows = ids.slice(0, NAMED).map((id) => {
    const { label = '', before = '', after = '' } = images[id] ?? {}
    return [literal(id), literal(label), literal(before), literal(after)]
  })
  const text = markdownTable([['Image', 'Label', 'Base says', 'Now says'], ...rows], { alignDelimiters: false })
  return ids.length > NAMED ? `${text}\n\nAnd ${ids.length - NAMED} more.` : text
}
