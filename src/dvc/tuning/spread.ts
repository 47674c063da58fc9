/** How some numbers lie: their mean, and the standard deviation (n - 1; NaN of fewer than two). */
export interface Spread {
  readonly mean: number
  readonly deviation: number
}

/** The spread of one number or more. */
export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const deviation = values.length < 2 ? Number.NaN : Math.sqrt(squares / (values.length - 1))
  return { mean, deviation }
}
