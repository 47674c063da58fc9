type Values = Readonly<Float32Array>

/** Maximum absolute difference; NaN when a value is NaN or the lengths differ. */
export function distance(found: Values, expected: Values): number {
  if (found.length !== expected.length) return Number.NaN
  let greatest = 0
  for (let place = 0; place < found.length; place++) {
    const apart = Math.abs((found[place] ?? Number.NaN) - (expected[place] ?? Number.NaN))
    greatest = Math.max(greatest, apart) // NaN stays
  }
  return greatest
}

/** Maximum absolute value. */
export function magnitude(values: Values): number {
  return values.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0)
}
