import { isSection } from '../config/section.ts'

/** The value at a path of keys such as `models.original-zero`; undefined when there is none. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)]
    return isSection(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }, value)
}

/** Whether two values of YAML are one to DVC, that is to Python: 1, 1.0 and true are, and NaN is not even itself. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((each, i) => sameValue(each, b[i]))
  if (isSection(a)) {
    if (!isSection(b)) return false
    const keys = Object.keys(a)
    return (
      keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
    )
  }
  return number(a) === number(b)
}

function number(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value
}
