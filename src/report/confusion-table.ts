import { markdownTable } from 'markdown-table'
import { escaped } from '../core/markdown.ts'
import type { ConfusionMatrix } from '../scores/confusion.ts'

/** A confusion matrix as a table: a row an actual class, a column a predicted one, the right ones bold. */
export function confusionTable({ classes, counts }: ConfusionMatrix): string {
  const header = ['actual \\ predicted', ...classes.map(escaped)]
  const rows = classes.map((actual, row) => [
    escaped(actual),
    ...classes.map((_, column) => {
      const count = String(counts[row]?.[column] ?? 0)
      return row === column ? `**${count}**` : count
    }),
  ])
  return markdownTable([header, ...rows], { align: ['l', ...classes.map(() => 'r')] })
}
