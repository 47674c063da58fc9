/** The page's own program: makes the tables sort and fills the places that the document leaves for it. */
import type { PageData } from '../data.ts'
import { showCalibration } from './calibration.ts'
import { showConfusion } from './confusion.ts'
import { showCurves } from './curves.ts'
import { byId } from './dom.ts'
import { showLabels, showNearDuplicates } from './labels.ts'
import { showMistakes } from './mistakes.ts'
import { makeSortable } from './sort.ts'

const data = JSON.parse(byId('data').textContent ?? '') as PageData
makeSortable()
for (const show of [showCurves, showConfusion, showMistakes, showCalibration, showLabels, showNearDuplicates])
  show(data)
