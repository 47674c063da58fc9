import type { Evaluated } from '../../../src/report/inputs.ts'
import { evaluationOf, identityOf, metricsOf, type Taken } from '../../evaluate/scored.ts'

/** What report reads of a network that took the images for that, trained from `name`. */
export function evaluated(taken: Taken, name = 'one'): Evaluated {
  const { images, confusion, reliability, calibration } = evaluationOf(taken)
  return {
    metrics: metricsOf(taken),
    predictions: images,
    confusion,
    reliability,
    calibration,
    identity: identityOf(name),
    history: [],
    notes: [],
  }
}
