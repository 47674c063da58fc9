import { isSection } from './section.ts'

/**
 * What changed between two sets of parameters, a line each: `train.epochs 30 -> 12`, sorted by path.
 *
 * Sections that both have are compared key by key, everything else whole.
 */
export function differences(before: unknown, after: unknown, path = ''): string[] {
  if (isSection(before) && isSection(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`))
  }
  const [old, fresh] = [JSON.stringify(before) ?? 'none', JSON.stringify(after) ?? 'none']
  return old === fresh ? [] : [`${path || 'all'} ${old} -> ${fresh}`]
}
