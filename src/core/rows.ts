/** The class list of some rows: their labels, each once, by code unit. The classes of the project come from here, never from code. */
export function classesOf(rows: readonly { readonly label: string }[]): string[] {
  return [...new Set(rows.map((row) => row.label))].sort()
}

/** The rows in order of their ids, by code unit. */
export function sortedById<Row extends { readonly id: string }>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
