import { copyFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { writeFolderAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { SavedModel } from '../models/saved.ts'
import { writeConfusion } from './confusion.ts'
import type { ExplainedPictures } from './heat-maps.ts'
import { type Identity, writeIdentity } from './identity.ts'
import type { Evaluation } from './measure.ts'
import { writeMetrics } from './metrics.ts'
import { EVALUATED_PARTS, writePredictions } from './predictions.ts'
import { writeReliability } from './reliability.ts'
import { writeCalibration } from './saved-calibration.ts'
import { writeHeatMaps } from './saved-heat-maps.ts'

/**
 * Writes artifacts/evaluate/<config>, whole or not at all; gives the line that a person reads.
 *
 * The history of the training goes along, since report reads nothing but this folder.
 */
export async function saveEvaluation(
  config: string,
  model: SavedModel,
  evaluation: Evaluation,
  { identity, explained }: { identity: Identity; explained: ExplainedPictures },
): Promise<string> {
  const { metrics, images, confusion, reliability, calibration } = evaluation
  await writeFolderAtomically(paths.evaluate(config), async (folder) => {
    await writeMetrics(join(folder, 'metrics.json'), {
      architecture: model.architecture,
      mode: model.mode,
      parameters: model.parameters.total,
      trainable_parameters: model.parameters.trainable,
      epochs: model.epochs,
      best_epoch: model.bestEpoch,
      temperature: calibration.temperature,
      train_images_per_class: { ...model.trainImages },
      ...metrics,
    })
    await writePredictions(join(folder, 'predictions.csv'), images, model.classes)
    await writeConfusion(join(folder, 'confusion.csv'), confusion)
    await writeReliability(join(folder, 'reliability.csv'), reliability)
    await writeCalibration(join(folder, 'calibration.json'), calibration)
    await writeIdentity(join(folder, 'identity.json'), identity)
    const { array, index } = paths.heatMaps(config)
    await writeHeatMaps({ array: join(folder, basename(array)), index: join(folder, basename(index)) }, explained)
    await copyFile(paths.history(config), join(folder, 'history.csv'))
  })
  const shown = EVALUATED_PARTS.map((part) => `${part} ${metrics[part].correct}/${metrics[part].images}`)
  return `right answers: ${shown.join(', ')}`
}
