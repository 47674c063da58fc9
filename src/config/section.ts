/** A map of YAML: keys and their values. */
export type Section = Readonly<Record<string, unknown>>

/** Whether a value of YAML is a map. */
export function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
