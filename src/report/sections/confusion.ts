import type { ConfusionMatrix } from '../../scores/confusion.ts'
import { capital, score, whole } from '../../scores/format.ts'
import type { PartMetrics } from '../../scores/metrics.ts'
import { EVALUATED_PARTS, type EvaluatedPart } from '../../scores/predictions.ts'
import {
  type Block,
  code,
  figure,
  heading,
  paragraph,
  type Section,
  section,
  strong,
  type Table,
  table,
  text,
  view,
} from '../document.ts'
import type { Evaluated } from '../inputs.ts'

/** The name of the plot; no configuration can have it, whose curves are beside it. */
export const CLASSES_PLOT = 'chosen_classes'

/** The confusion matrices and class scores of the chosen configuration; on the page, of any. */
export function confusionSection(name: string, { metrics, confusion }: Evaluated, part: EvaluatedPart): Section {
  const bars = figure(CLASSES_PLOT, `Precision, recall and F1 of each class on the ${part} images`)
  const tables = EVALUATED_PARTS.flatMap((each): Block[] => [
    heading(capital(each)),
    ...(metrics[each].images > 0
      ? [confusionTable(confusion[each]), classTable(metrics[each])]
      : [paragraph(`There are no ${each} images.`)]),
  ])
  return section({ id: 'confusion', title: text`Confusion matrix of ${code(name)}`, short: 'Confusion' }, [
    view('confusion', 'A row is a label, a column a predicted class. A number opens the images behind it.', [
      ...(metrics[part].images > 0 ? [bars] : []),
      ...tables,
    ]),
  ])
}

/** A confusion matrix: a row per label, a column per predicted class, the correct predictions bold. */
export function confusionTable({ classes, counts }: ConfusionMatrix): Table {
  const rows = classes.map((label, row) => [
    label,
    ...classes.map((_, column) => {
      const count = String(counts[row]?.[column] ?? 0)
      return row === column ? strong(count) : count
    }),
  ])
  const caption = 'Confusion matrix: a row per label, a column per predicted class'
  return table(caption, ['Label / predicted', ...classes], rows)
}

export function classTable({ per_class }: PartMetrics): Table {
  const rows = [...per_class].map(([name, { precision, recall, f1, auc, support }]) => [
    name,
    ...[precision, recall, f1, auc].map(score),
    whole(support),
  ])
  const header = ['Class', 'Precision', 'Recall', 'F1', 'ROC AUC', 'Images']
  return table('Precision, recall and F1 of each class', header, rows)
}
