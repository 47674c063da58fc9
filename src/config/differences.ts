/**
 * What changed between two sets of parameters, a line each: `train.epochs 30 -> 12`, sorted by path.
 *
 * Sections are told apart key by key; everything else is compared whole.
 */
export function differences(before: unknown, after: unknown): string[] {
  const [old, fresh] = [leaves(before), leaves(after)]
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .sort()
    .filter((path) => old.get(path) !== fresh.get(path))
    .map((path) => `${path} ${old.get(path) ?? 'none'} -> ${fresh.get(path) ?? 'none'}`)
}

function leaves(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return path === '' ? new Map() : new Map([[path, JSON.stringify(value)]])
  }
  const nested = Object.entries(value).flatMap(([key, inner]) => [
    ...leaves(inner, path === '' ? key : `${path}.${key}`),
  ])
  return new Map(nested)
}
