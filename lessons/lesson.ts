import type { Figure } from '../src/report/panels.ts'

/** What a lesson found out, in words and as an image. */
export interface Lesson<Values = unknown> {
  readonly values: Values
  /** What is printed. */
  readonly lines: readonly string[]
  readonly figure: Figure
}
