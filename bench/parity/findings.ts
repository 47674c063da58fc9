/** The maximum difference of one kind, and its bound. */
export interface Finding {
  readonly what: string
  /** Relative to the maximum value, or a count. */
  readonly difference: number
  readonly bound: number
  /** Where the maximum is. */
  readonly place: string
}

/** Relative differences, by the name of the tensor. */
export type Differences = ReadonlyMap<string, number>

/** Whether the difference is within its bound; false for NaN. */
export function holds({ difference, bound }: Finding): boolean {
  return difference <= bound
}

/** The maximum of several differences; NaN when one is NaN or there are none. */
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
