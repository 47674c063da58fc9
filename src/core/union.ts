/** Groups of places 0 to n - 1 that grow together. Source: Tarjan's union-find, by size, with path halving. */
export interface Union {
  /** Puts two places, and so their groups, into one group. */
  join(a: number, b: number): void
  /** A place that stands for the group of this one. */
  groupOf(place: number): number
  /** How many places the group of this one has. */
  sizeOf(place: number): number
}

/** Begins with each place alone. */
export function openUnion(count: number): Union {
  const parents = Int32Array.from({ length: count }, (_, place) => place)
  const sizes = new Int32Array(count).fill(1)
  const groupOf = (place: number): number => {
    let at = place
    while (parents[at] !== at) {
      parents[at] = parents[parents[at] as number] as number
      at = parents[at] as number
    }
    return at
  }
  return {
    groupOf,
    sizeOf: (place) => sizes[groupOf(place)] as number,
    join: (a, b) => {
      const [first, second] = [groupOf(a), groupOf(b)]
      if (first === second) return
      const [small, large] = (sizes[first] as number) < (sizes[second] as number) ? [first, second] : [second, first]
      parents[small] = large
      sizes[large] = (sizes[large] as number) + (sizes[small] as number)
    },
  }
}
