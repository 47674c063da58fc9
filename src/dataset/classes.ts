/** The classes of some rows: their labels, each once, by code unit. The class list of the project comes from here, never from code. */
export function classesOf(rows: readonly { readonly label: string }[]): string[] {
  return [...new Set(rows.map((row) => row.label))].sort()
}
