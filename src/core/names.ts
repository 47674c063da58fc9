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

/** The known name nearest to `name`, in any case: at most two edits away, fewer for short names. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((each) => ({ each, distance: editDistance(name.toLowerCase(), each.toLowerCase()) }))
  const [best] = ranked.sort((a, b) => a.distance - b.distance)
  return best && best.distance <= Math.min(2, best.each.length / 3) ? best.each : undefined
}

/**
 * Edit distance: how many letters to insert, delete, replace, or swap with their neighbour.
 *
 * Source: Damerau, A technique for computer detection and correction of spelling errors, 1964; as optimal string alignment.
 */
function editDistance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, place) => place)]
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= to.length; j++) {
      const isSwapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const replaced = at(i - 1, j - 1) + Number(from[i - 1] !== to[j - 1])
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, isSwapped ? at(i - 2, j - 2) + 1 : replaced))
    }
  }
  return at(from.length, to.length)
}
