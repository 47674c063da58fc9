import { z } from 'zod'

/*
 * Names that users give to classes, files and configurations may be any text, also that of a property that every JavaScript
 * object has, such as `constructor` and `__proto__`.
 */

/** Compares names as people sort them, the same on every machine: runs of digits by value, all else by code unit. */
export function compareNames(a: string, b: string): number {
  const [left, right] = [tokensOf(a), tokensOf(b)]
  for (const [place, token] of left.entries()) {
    const other = right[place]
    if (other === undefined) return 1
    const order = isNumber(token) && isNumber(other) ? compareNumbers(token, other) : compareText(token, other)
    if (order !== 0) return order
  }
  return left.length - right.length || compareText(a, b)
}

/** Runs of digits, and single code units. */
function tokensOf(name: string): string[] {
  return name.match(/\d+|\D/g) ?? []
}

function isNumber(token: string): boolean {
  return /^\d/.test(token)
}

/** By value, however long the numbers are. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a, b].map((digits) => digits.replace(/^0+/, '')) as [string, string]
  return left.length - right.length || compareText(left, right)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Values by name, in an object that has these names as keys and no others. */
export function recordByName<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const record = Object.create(null) as Record<string, T>
  for (const [name, value] of entries) record[name] = value
  return record
}

/** An object of JSON or YAML with names as keys, as a Map sorted by name: objects put numbers first, and z.record drops `__proto__`. */
export function mapByName<Schema extends z.ZodType>(value: Schema, name = z.string()) {
  return z.preprocess(
    (content) => {
      if (typeof content !== 'object' || content === null || Array.isArray(content)) return content
      return new Map(Object.entries(content).sort(([a], [b]) => compareNames(a, b)))
    },
    z.map(name, value),
  )
}
