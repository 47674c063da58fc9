import { DataError } from '../core/errors.ts'
import { type Part, paths } from '../core/paths.ts'
import type { ManifestRow } from '../dataset/manifest.ts'
import type { Pair, PairKind } from '../dataset/pairs.ts'
import { describeFiles } from '../fetch/checks.ts'

const WORDS: Readonly<Record<PairKind, string>> = {
  exact: 'the same as',
  near: 'nearly the same as',
  mirrored: 'the mirror image of',
}

/**
 * Refuses images that are one photograph and stand in the training set and the test set, or under two labels.
 *
 * Within one set and label they are fine, since split keeps them together.
 *
 * @throws DataError that names the pairs and the way out
 */
export function checkPairs(images: readonly ManifestRow[], pairs: readonly Pair[]): void {
  const byId = new Map(images.map((image) => [image.id, image]))
  const clashes = pairs.flatMap((pair) => {
    const [a, b] = [byId.get(pair.id), byId.get(pair.other)]
    if (!a || !b || (a.set === b.set && a.label === b.label)) return []
    return [{ id: a.id, reason: describePair(pair) }]
  })
  if (clashes.length === 0) return
  throw new DataError(
    `Expected a photograph to have one label and to stand in train/ or test/, received ${clashes.length} that stand twice (all pairs: ${paths.pairs}). Keep one of each: remove the other, or give it a line (id,reason) in ${paths.exclude}.${describeFiles(clashes)}`,
  )
}

/**
 * Refuses a split that has one photograph in two parts.
 *
 * @throws DataError that names the pairs and the way out
 */
export function checkParts(
  rows: readonly { readonly id: string; readonly part: Part }[],
  pairs: readonly Pair[],
): void {
  const parts = new Map(rows.map(({ id, part }) => [id, part]))
  const leaks = pairs.flatMap((pair) => {
    const [a, b] = [parts.get(pair.id), parts.get(pair.other)]
    return a && b && a !== b ? [{ id: pair.id, reason: `in ${a}, ${describePair(pair)} in ${b}` }] : []
  })
  if (leaks.length === 0) return
  throw new DataError(
    `Expected each photograph in one part, received ${leaks.length} in two. Exclude one of each: a line (id,reason) in ${paths.exclude}.${describeFiles(leaks)}`,
  )
}

/** `nearly the same as test/cat/1.jpg (distance 0.031)` */
function describePair({ other, kind, distance }: Pair): string {
  return `${WORDS[kind]} ${JSON.stringify(other).slice(1, -1)}${kind === 'exact' ? '' : ` (distance ${distance.toFixed(3)})`}`
}
