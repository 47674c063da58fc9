import type { ManifestSet } from '../dataset/manifest.ts'

/** What the path of an image says of it. */
export interface Place {
  readonly set: ManifestSet
  readonly label: string
}

/**
 * Set and label by a path below `data/`: `train/<label>/…`, `test/<label>/…`, or `test/<label>_<anything>`.
 *
 * A string instead is the reason why the path says nothing.
 */
export function placeOf(id: string): Place | string {
  if (/[\p{Cc}\p{Cs}\uFFFD]/u.test(id)) return 'a name with control characters, or not in UTF-8'
  const [set, ...below] = id.split('/')
  if (set !== 'train' && set !== 'test') return 'neither below train/ nor below test/'
  const label = below.length > 1 ? below[0] : set === 'test' ? labelInName(below[0]) : ''
  return label ? { set, label } : `no label: expected ${EXPECTED[set]}`
}

const EXPECTED: Readonly<Record<ManifestSet, string>> = {
  train: 'train/<label>/<file>',
  test: 'test/<label>/<file> or test/<label>_<file>',
}

/** A file name up to the first `_`; empty where there is none. */
function labelInName(name = ''): string {
  return name.slice(0, Math.max(name.indexOf('_'), 0))
}
