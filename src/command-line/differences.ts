import { isSection } from '../config/section.ts'

/** One changed value, as JSON; undefined where it does not exist. */
export interface Difference {
  readonly path: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** The changes between two sets of parameters, one line each: `train.epochs 30 -> 12`. */
export function differences(before: unknown, after: unknown): string[] {
  return listDifferences(before, after).map(
    (each) => `${each.path || 'all'} ${each.before ?? 'none'} -> ${each.after ?? 'none'}`,
  )
}

/**
 * The changes between two sets of parameters, sorted by path.
 *
 * Sections that both have are compared key by key, everything else as a whole.
 */
export function listDifferences(before: unknown, after: unknown, path = ''): Difference[] {
  if (isSection(before) && isSection(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return keys.flatMap((key) => listDifferences(before[key], after[key], path === '' ? key : `${path}.${key}`))
  }
  const difference = { path, before: JSON.stringify(before), after: JSON.stringify(after) }
  return difference.before === difference.after ? [] : [difference]
}
