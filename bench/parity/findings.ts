/** The greatest difference of a kind, beside the bound that it must not pass. */
export interface Finding {
  readonly what: string
  /** Relative to the greatest value, or a count. */
  readonly difference: number
  readonly bound: number
  /** Where it is greatest. */
  readonly place: string
}

/** Relative differences by the name of what was compared. */
export type Differences = ReadonlyMap<string, number>

/** False too where a difference is no number. */
export function holds({ difference, bound }: Finding): boolean {
  return difference <= bound
}

/** The greatest of several differences; NaN, where one is, and where there is none at all. */
export function worst(what: string, differences: Differences, bound: number): Finding {
  let place = ''
  let difference = differences.size > 0 ? -1 : Number.NaN
  for (const [name, each] of differences) {
    if (each <= difference || Number.isNaN(difference)) continue
    difference = each
    place = name
  }
  return { what, difference, bound, place }
}
