import type { ConfusionMatrix } from '../../scores/confusion.ts'
import { score, whole } from '../../scores/format.ts'
import type { Metrics, PartMetrics } from '../../scores/metrics.ts'
import { EVALUATED_PARTS } from '../../scores/predictions.ts'
import {
  type Block,
  code,
  figure,
  heading,
  paragraph,
  type Section,
  strong,
  type Table,
  text,
  view,
} from '../document.ts'
import type { Evaluated } from '../inputs.ts'
import { unbiasedPart } from './probabilities.ts'

/** The name of the plot; no configuration can have it, whose curves are beside it. */
export const CLASSES_PLOT = 'chosen_classes'

/** The confusion matrices and class scores of the chosen configuration; on the page, of any. */
export function confusionSections(
  name: string,
  chosen: Evaluated | undefined,
  metrics: Readonly<Record<string, Metrics>>,
): Section[] {
  if (!chosen) return []
  const part = unbiasedPart(metrics)
  const bars = figure(CLASSES_PLOT, `Precision, recall and F1 of each class on the ${part} images`)
  const tables = EVALUATED_PARTS.flatMap((each): Block[] => [
    heading(capital(each)),
    ...(chosen.metrics[each].images > 0
      ? [confusionTable(chosen.confusion[each]), classTable(chosen.metrics[each])]
      : [paragraph(`There are no ${each} images.`)]),
  ])
  return [
    {
      id: 'confusion',
      title: text`Confusion matrix of ${code(name)}`,
      short: 'Confusion',
      blocks: [
        view('confusion', 'A row is a label, a column a predicted class. A number opens the images behind it.', [
          ...(chosen.metrics[part].images > 0 ? [bars] : []),
          ...tables,
        ]),
      ],
    },
  ]
}

/** A confusion matrix: a row per label, a column per predicted class, the correct predictions bold. */
export function confusionTable({ classes, counts }: ConfusionMatrix): Table {
  return {
    kind: 'table',
    caption: 'Confusion matrix: a row per label, a column per predicted class',
    header: ['Label / predicted', ...classes],
    align: ['l', ...classes.map(() => 'r' as const)],
    rows: classes.map((label, row) => [
      label,
      ...classes.map((_, column) => {
        const count = String(counts[row]?.[column] ?? 0)
        return row === column ? strong(count) : count
      }),
    ]),
  }
}

/** Precision, recall and F1 of each class. */
export function classTable({ per_class }: PartMetrics): Table {
  return {
    kind: 'table',
    caption: 'Precision, recall and F1 of each class',
    header: ['Class', 'Precision', 'Recall', 'F1', 'ROC AUC', 'Images'],
    align: ['l', 'r', 'r', 'r', 'r', 'r'],
    rows: Object.entries(per_class).map(([name, { precision, recall, f1, auc, support }]) => [
      name,
      ...[precision, recall, f1, auc].map(score),
      whole(support),
    ]),
  }
}

/** A word with its first letter as a capital. */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
