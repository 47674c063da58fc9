import { markdownTable } from 'markdown-table'
import { escaped } from '../core/markdown.ts'
import { score, whole } from '../scores/format.ts'
import type { PartMetrics } from '../scores/metrics.ts'

const HEADER = ['Class', 'Precision', 'Recall', 'F1', 'ROC AUC', 'Images']

/** How well each class is told apart. */
export function classTable({ per_class }: PartMetrics): string {
  const rows = Object.entries(per_class).map(([name, { precision, recall, f1, auc, support }]) => [
    escaped(name),
    ...[precision, recall, f1, auc].map(score),
    whole(support),
  ])
  return markdownTable([HEADER, ...rows], { align: ['l', 'r', 'r', 'r', 'r', 'r'] })
}
