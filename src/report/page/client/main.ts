/** The page's program: makes tables sort and fills the views that the report leaves for it. */
import type { PageData } from '../data.ts'
import { showConfusion } from './confusion.ts'
import { showCalibration, showCurves } from './curves.ts'
import { byId } from './dom.ts'
import { showLabels, showMistakes, showNearDuplicates } from './mistakes.ts'
import { makeSortable } from './sort.ts'

const data = JSON.parse(byId('page-data').textContent ?? '') as PageData
for (const table of document.querySelectorAll<HTMLTableElement>('table[data-sortable]')) makeSortable(table)
const views = {
  curves: showCurves,
  calibration: showCalibration,
  confusion: showConfusion,
  mistakes: showMistakes,
  labels: showLabels,
  duplicates: showNearDuplicates,
}
for (const [name, show] of Object.entries(views)) {
  const place = document.getElementById(`${name}-view`)
  if (place) show(data, place)
}
