import type { ConfusionMatrix } from '../../scores/confusion.ts'
import { capital, percent, pluralize, score, whole } from '../../scores/format.ts'
import type { PartMetrics } from '../../scores/metrics.ts'
import { EVALUATED_PARTS, type EvaluatedPart } from '../../scores/predictions.ts'
import { sum } from '../../scores/scores.ts'
import { cellsOf, confusionsOf, MATRIX_CLASSES } from '../confusions.ts'
import {
  type Block,
  code,
  figure,
  heading,
  link,
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
      ? [...confusionBlocks(name, confusion[each]), classTable(metrics[each])]
      : [paragraph(`There are no ${each} images.`)]),
  ])
  const { classes } = confusion[part]
  const title =
    classes.length > MATRIX_CLASSES ? text`Confusions of ${code(name)}` : text`Confusion matrix of ${code(name)}`
  return section({ id: 'confusion', title, short: 'Confusion' }, [
    view('confusion', classes.length > MATRIX_CLASSES ? LIST_HINT : MATRIX_HINT, [
      ...(metrics[part].images > 0 ? [bars] : []),
      ...tables,
    ]),
  ])
}

const MATRIX_HINT = 'A row is a label, a column a predicted class. A number opens the images behind it.'
const LIST_HINT = 'What is confused most often comes first. A number opens the images behind it.'

/** Markdown has a matrix of up to this many classes, since it does not scroll. */
const MARKDOWN_CLASSES = 20
/** Confusions that Markdown lists. */
const LISTED = 20

function confusionBlocks(name: string, matrix: ConfusionMatrix): Block[] {
  if (matrix.classes.length <= MARKDOWN_CLASSES) return [confusionTable(matrix)]
  const { length } = confusionsOf(cellsOf(matrix))
  const file = `confusion/${name}.csv`
  const others = text` The whole matrix of ${matrix.classes.length} classes is in ${link(file, file)}.`
  if (length === 0) return [paragraph(text`No two classes are confused.${others}`)]
  const more = length > LISTED ? `, of which the ${LISTED} most frequent are listed` : ''
  return [
    paragraph(text`${pluralize(length, 'confusion')} of one class with another${more}.${others}`),
    confusionList(matrix, LISTED),
  ]
}

/** The most frequent confusions, a row each. */
export function confusionList(matrix: ConfusionMatrix, most: number): Table {
  const { classes, counts } = matrix
  const rows = confusionsOf(cellsOf(matrix))
    .slice(0, most)
    .map(([actual, predicted, count]) => [
      classes[actual] ?? '',
      classes[predicted] ?? '',
      whole(count),
      percent(count / sum(counts[actual] ?? [])),
    ])
  const header = ['Label', 'Predicted', 'Images', 'Of the label']
  return table('What is confused most often', header, rows, { words: [0, 1] })
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
