/** The root of an increasing function that is not positive at `low` and not negative at `high`, by bisection to the last bit. */
export function risingRoot(rising: (x: number) => number, low: number, high: number): number {
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return middle
    if (rising(middle) < 0) low = middle
    else high = middle
  }
}
