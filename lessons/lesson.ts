import type { Figure } from '../src/report/panels.ts'

/** The result of a lesson. */
export interface Lesson<Values = unknown> {
  readonly values: Values
  /** Lines to print. */
  readonly lines: readonly string[]
  readonly figure: Figure
}
